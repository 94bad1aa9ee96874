import type { ProviderRecord } from '../../../contracts/records.js';
import { oidcRulesOf, type OidcRules } from '../oidc/oidc-rules.js';
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

/** The channel of an authentication server and the path of each action there. */
export interface ChannelRules {
  /** Empty: none. */
  readonly channel: string;
  readonly urls: ReadonlyMap<ProviderAction, UrlTemplate>;
  /** Of one call, until its answer is here as a whole. */
  readonly timeoutMs: number;
}

export interface ChannelProvider extends ChannelRules {
  readonly kind: 'channel';
}

/** An OpenID Connect provider. Actions that have a URL go to the channel all the same. */
export interface OidcProvider extends ChannelRules {
  readonly kind: 'oidc';
  readonly oidc: OidcRules;
}

/** A provider in force. */
export type ProviderRules = ChannelProvider | OidcProvider;

const OIDC_ACTIONS: ReadonlySet<ProviderAction> = new Set(['login', 'validate', 'resolve', 'refresh', 'logout']);
const KEYCLOAK_ACTIONS: ReadonlySet<ProviderAction> = new Set(['register', 'delete', 'custom']);

/** Whether a provider can be asked for it at all. */
export function offers(rules: ProviderRules, action: ProviderAction): boolean {
  if (rules.urls.has(action)) return true;
  return rules.kind === 'oidc' && (OIDC_ACTIONS.has(action) || (isKeycloak(rules) && KEYCLOAK_ACTIONS.has(action)));
}

function isKeycloak({ oidc }: OidcProvider): boolean {
  return oidc.adminUrl !== null;
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
  const oidc = type === 'oidc' ? oidcRulesOf(record, pointer, { faults, warnings }) : null;
  if (type !== '' && type !== 'oidc')
    faults.push({ pointer: `${pointer}/type`, message: `"${type}" is no type of provider` });
  else if (channel === '' && type === '')
    warnings.push({ pointer: `${pointer}/channel`, message: 'no channel is named: flows of this token answer 501' });
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > LONGEST_MS)
    faults.push({ pointer: `${pointer}/timeout`, message: `is a number of ms from 1 to ${LONGEST_MS}` });
  const urls = urlTemplatesOf(record.urls, ACTIONS, pointer, { faults, warnings });
  if (type === 'oidc' && channel === '' && urls.size > 0)
    faults.push({ pointer: `${pointer}/urls`, message: 'URLs are paths at a channel, and none is named' });
  if (faults.length > 0 || (channel === '' && oidc === null)) return { rules: null, faults, warnings };
  const rules: ProviderRules =
    oidc === null ? { kind: 'channel', channel, urls, timeoutMs } : { kind: 'oidc', channel, urls, timeoutMs, oidc };
  return { rules: Object.freeze(rules), faults, warnings };
}
