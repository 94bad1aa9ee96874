import { given, type GivenSetting } from './given-setting.js';
import type { SettingNames } from './setting-names.js';

/** Variables with our prefix that are no settings. */
const INTERNAL_VARIABLES: ReadonlySet<string> = new Set([
  'CONFIG', // the configuration file
  'STARTED_BY', // how scripts/start.mjs tells the process that `npm start` began it
  'WORKER', // how the supervisor tells a worker which one it is (worker-place.ts)
]);

/** What Kubernetes puts into each pod for a Service whose name begins with `sluice`: nobody set that for us. */
function isFromKubernetes(variable: string, value: string): boolean {
  return (
    /^(.+_)?SERVICE_(HOST|PORT(_.+)?)$/.test(variable) ||
    (/(^|_)PORT(_\d+_(TCP|UDP|SCTP)(_PROTO|_PORT|_ADDR)?)?$/.test(variable) &&
      (/^(tcp|udp|sctp):\/\//.test(value) || /PORT_\d+_/.test(variable)))
  );
}

/** The variable after its prefix, `SLUICE_…` or `RIERINO_…` of the original; null for those of others. */
function withoutPrefix(variable: string): { rest: string; isOriginal: boolean } | null {
  if (variable.startsWith('SLUICE_')) return { rest: variable.slice(7), isOriginal: false };
  return variable.startsWith('RIERINO_') ? { rest: variable.slice(8), isOriginal: true } : null;
}

/**
 * The settings among the environment's variables. Empty ones count as not set: that is how compose files write it.
 * Ours come after those of the original, so that they win.
 */
export function readEnvironment(env: NodeJS.ProcessEnv, names: SettingNames, warnings: string[]): GivenSetting[] {
  const settings: GivenSetting[] = [];
  for (const variable of Object.keys(env).sort()) {
    const value = env[variable] ?? '';
    const ours = withoutPrefix(variable);
    if (ours === null || value === '') continue;
    if (INTERNAL_VARIABLES.has(ours.rest) || isFromKubernetes(ours.rest, value)) continue;
    const name = names.nameOfVariable(ours.rest);
    if (name !== null) {
      settings.push({ ...given(name, value, `environment ${variable}`), isOriginal: ours.isOriginal });
      continue;
    }
    const nearest = names.nearestVariable(ours.rest);
    const hint = nearest === null ? '' : `; did you mean SLUICE_${nearest}?`;
    warnings.push(`Environment variable ${variable} names no setting${hint}`);
  }
  return settings;
}
