import type { LookupSettings } from '../settings/lookup.settings.js';
import { EnvironmentProvider } from './environment.provider.js';
import { FilesProvider } from './files.provider.js';
import type { LookupProvider } from './lookup-provider.js';
import { LookupResolver } from './lookup-resolver.js';
import { PropertiesProvider } from './properties.provider.js';
import { VaultProvider } from './vault.provider.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Environment, files, properties, Vault, in that order, as far as they are set. */
export function lookupResolverOf(settings: { readonly lookup: LookupSettings }, env: Environment): LookupResolver {
  const { lookup } = settings;
  const environment = new EnvironmentProvider(env);
  const files = providerOf(lookup.filesFolder, FilesProvider);
  const properties = providerOf(lookup.propertiesFile, PropertiesProvider);
  const vault = vaultOf(lookup);
  const secretFiles = providerOf(lookup.secretFilesFolder, FilesProvider);
  const secretProperties = providerOf(lookup.secretPropertiesFile, PropertiesProvider);
  return new LookupResolver({
    values: [environment, ...files, ...properties, ...vault],
    secrets: [environment, ...secretFiles, ...files, ...secretProperties, ...properties, ...vault],
  });
}

function providerOf(path: string | null, Provider: new (path: string) => LookupProvider): LookupProvider[] {
  return path === null ? [] : [new Provider(path)];
}

function vaultOf({ vaultAddress, vaultToken, vaultTokenFile, vaultMount }: LookupSettings): LookupProvider[] {
  if (vaultAddress === null) return [];
  const token = { token: vaultToken, tokenFile: vaultTokenFile };
  return [new VaultProvider({ address: vaultAddress, ...token, mount: vaultMount })];
}
