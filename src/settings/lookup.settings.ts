import { IsOptional } from 'class-validator';
import { booleanFrom, Custom, PlainText, Text } from './setting-kinds.js';
import { Setting, type SettingAlias } from './setting.decorator.js';

/** What the original says beside the place itself: both forms of a path are always looked for, and files are always read anew. */
const unlessSwitch = (value: string): string | null => (booleanFrom(value) === undefined ? value : null);
const noEffect = (): null => null;

/** A loader of the original: its class says nothing that the place does not say, so each is known, and any other is refused. */
const LOADERS = ['EnvironmentKVLoader', 'FileKVLoader', 'PropertiesKVLoader'];

const folderAliases = (loader: string): readonly SettingAlias[] => [
  { name: `${loader}.root` },
  { name: `${loader}.singleDir`, convert: unlessSwitch },
  { name: `${loader}.dynamic`, convert: noEffect },
];

const LoaderClass = (): PropertyDecorator =>
  Custom({
    expected: `${LOADERS.slice(0, -1).join(', ')} or ${LOADERS.at(-1)!}`,
    // Class names count by their last part.
    read: (value) => (typeof value === 'string' ? (value.trim().split('.').at(-1) ?? '') || null : value),
    accepts: (value) => LOADERS.some((name) => name.toLowerCase() === String(value).toLowerCase()),
  });

const isAddress = (value: unknown): boolean => {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === '';
};

/** Where lookups are read, after the environment. Paths are absolute once they are read. */
export class LookupSettings {
  @Setting('lookup.files.folder', {
    doc: 'folder with one file a key: `a.b.c`, then `a/b/c`',
    aliases: folderAliases('value.loader'),
  })
  @IsOptional()
  @PlainText()
  readonly filesFolder: string | null = null;

  @Setting('lookup.secrets.files.folder', {
    doc: 'the same for secrets (`#{{…}}`), looked into before lookup.files.folder',
    aliases: folderAliases('secret.loader'),
  })
  @IsOptional()
  @PlainText()
  readonly secretFilesFolder: string | null = null;

  @Setting('lookup.properties.file', {
    doc: '.properties file of values and secrets by path',
    aliases: [{ name: 'value.loader.path' }],
  })
  @IsOptional()
  @PlainText()
  readonly propertiesFile: string | null = null;

  @Setting('lookup.secrets.properties.file', {
    doc: 'the same for secrets (`#{{…}}`), looked into before lookup.properties.file',
    aliases: [{ name: 'secret.loader.path' }],
  })
  @IsOptional()
  @PlainText()
  readonly secretPropertiesFile: string | null = null;

  @Setting('value.loader.class', {
    doc: 'of the original: without effect, since all places that are set are looked into',
  })
  @IsOptional()
  @LoaderClass()
  readonly valueLoader: string | null = null;

  @Setting('secret.loader.class', { doc: 'the same for secrets' })
  @IsOptional()
  @LoaderClass()
  readonly secretLoader: string | null = null;

  @Setting('lookup.vault.address', {
    doc: 'HashiCorp Vault with a KV engine of version 2',
    aliases: [{ name: 'spring.cloud.vault.uri', originalOnly: true }],
  })
  @IsOptional()
  @Custom({
    expected: 'an http or https URL without user, query and fragment',
    read: (value) => (typeof value === 'string' ? value.trim() || null : value),
    accepts: isAddress,
  })
  readonly vaultAddress: string | null = null;

  @Setting('lookup.vault.token', {
    doc: 'token for Vault; without one, that of lookup.vault.tokenFile; with neither none is sent, as for an agent that adds it',
    secret: true,
    aliases: [{ name: 'spring.cloud.vault.token', originalOnly: true }],
  })
  @IsOptional()
  @Text(/^[\x21-\x7e]{1,8192}$/, 'a token')
  readonly vaultToken: string | null = null;

  @Setting('lookup.vault.tokenFile', { doc: 'file with the token for Vault, read at each load' })
  @IsOptional()
  @PlainText()
  readonly vaultTokenFile: string | null = null;

  @Setting('lookup.vault.mount', {
    doc: 'mount of the KV engine; then all but the last part of a path are the secret’s path; without it the first part is the mount',
  })
  @IsOptional()
  @Text(/^(?!.*\.\.)[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*\/?$/, 'the name of a mount')
  readonly vaultMount: string | null = null;
}
