import type { SessionRecord } from '../../../contracts/records.js';
import type { UrlTemplate } from '../provider/url-template.js';
import { urlTemplatesOf, type UrlFinding } from '../provider/url-templates.js';

/** What a session server may be asked to do, and what its URL may have filled in (spec/identity.md, "Session"). */
const ACTIONS = {
  touch: ['type', 'originKey'],
  extend: ['type', 'originKey'],
  extendList: ['type'],
  stitch: ['type', 'originKey'],
  expire: ['type', 'originKey', 'sessionId'],
} as const;
export type SessionAction = keyof typeof ACTIONS;

const DEFAULT_BUFFER_SIZE = 1000;
const DEFAULT_BUFFER_MS = 5000;
const DEFAULT_BATCH_SIZE = 100;
/** Node's timers know no longer one. */
const LONGEST_MS = 2_147_483_647;

/** A session server in force, and how extensions are gathered on their way to it. */
export interface SessionRules {
  /** Content of the record: what is known of sessions holds as long as it stays. */
  readonly key: string;
  readonly channel: string;
  readonly urls: ReadonlyMap<SessionAction, UrlTemplate>;
  readonly bufferSize: number;
  readonly bufferMs: number;
  readonly batchSize: number;
}

export interface CompiledSession {
  /** Null where there is a fault, and where the record names no channel. */
  readonly rules: SessionRules | null;
  readonly faults: readonly UrlFinding[];
  readonly warnings: readonly UrlFinding[];
}

/** Compiles a session record. Pure, never throws. @param pointer of the record, e.g. `/session` */
export function sessionRulesOf(record: SessionRecord, pointer: string): CompiledSession {
  const faults: UrlFinding[] = [];
  const warnings: UrlFinding[] = [];
  const { channel = '' } = record;
  const { bufferSize = DEFAULT_BUFFER_SIZE, bufferMs = DEFAULT_BUFFER_MS, batchSize = DEFAULT_BATCH_SIZE } = record;
  for (const [name, value] of Object.entries({ bufferSize, bufferMs, batchSize }))
    if (!Number.isInteger(value) || value < 1 || value > LONGEST_MS)
      faults.push({ pointer: `${pointer}/${name}`, message: `is a whole number from 1 to ${LONGEST_MS}` });
  const urls = urlTemplatesOf<SessionAction>(record.urls, ACTIONS, pointer, { faults, warnings });
  if (channel === '')
    warnings.push({ pointer: `${pointer}/channel`, message: 'no channel is named: no sessions are kept' });
  else if (!urls.has('touch'))
    warnings.push({ pointer: `${pointer}/urls/touch`, message: 'there is no URL to touch: requests have no session' });
  if (faults.length > 0 || channel === '') return { rules: null, faults, warnings };
  const key = JSON.stringify([channel, Object.entries(record.urls ?? {}).sort(), bufferSize, bufferMs, batchSize]);
  return { rules: Object.freeze({ key, channel, urls, bufferSize, bufferMs, batchSize }), faults, warnings };
}
