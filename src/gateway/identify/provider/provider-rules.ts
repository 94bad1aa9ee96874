import type { ProviderRecord } from '../../../contracts/records.js';
import type { UrlPlace, UrlTemplate } from './url-template.js';
import { urlTemplatesOf, type UrlFinding } from './url-templates.js';

const TYPE_ONLY: readonly UrlPlace[] = ['type'];

/** What an authentication server may be asked to do, and what its URL may have filled in (spec/identity.md, "Provider"). */
const ACTIONS = {
  register: TYPE_ONLY,
  login: TYPE_ONLY,
  validate: TYPE_ONLY,
  resolve: TYPE_ONLY,
  refresh: TYPE_ONLY,
  logout: TYPE_ONLY,
  delete: TYPE_ONLY,
  resolveKey: TYPE_ONLY,
  custom: TYPE_ONLY,
  forward: TYPE_ONLY,
} as const;
export type ProviderAction = keyof typeof ACTIONS;

const DEFAULT_TIMEOUT_MS = 10_000;
/** Node's timers know no longer one. */
const LONGEST_MS = 2_147_483_647;

/** A provider in force: the channel of the authentication server and the path of each action there. */
export interface ProviderRules {
  readonly channel: string;
  readonly urls: ReadonlyMap<ProviderAction, UrlTemplate>;
  /** Of one call, until its answer is here as a whole. */
  readonly timeoutMs: number;
}

export interface CompiledProvider {
  /** Null where there is a fault, and where the record names no channel. */
  readonly rules: ProviderRules | null;
  readonly faults: readonly UrlFinding[];
  readonly warnings: readonly UrlFinding[];
}

/** Compiles a provider record. Pure, never throws. @param pointer of the record, e.g. `/provider` */
export function providerRulesOf(record: ProviderRecord, pointer: string): CompiledProvider {
  const faults: UrlFinding[] = [];
  const warnings: UrlFinding[] = [];
  const { channel = '', type = '', timeout: timeoutMs = DEFAULT_TIMEOUT_MS } = record;
  if (type === 'oidc')
    warnings.push({
      pointer: `${pointer}/type`,
      message: 'providers of type oidc are not asked in this release: flows of this token answer 501',
    });
  else if (type !== '') faults.push({ pointer: `${pointer}/type`, message: `"${type}" is no type of provider` });
  else if (channel === '')
    warnings.push({ pointer: `${pointer}/channel`, message: 'no channel is named: flows of this token answer 501' });
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > LONGEST_MS)
    faults.push({ pointer: `${pointer}/timeout`, message: `is a number of ms from 1 to ${LONGEST_MS}` });
  const urls = urlTemplatesOf(record.urls, ACTIONS, pointer, { faults, warnings });
  if (faults.length > 0 || channel === '' || type === 'oidc') return { rules: null, faults, warnings };
  return { rules: Object.freeze({ channel, urls, timeoutMs }), faults, warnings };
}
