import { pointerTo } from '../pointer.js';
import { membersOf } from './members.js';
import type { RecordCheck } from './record-check.js';

/** A token of RFC 9110, section 5.6.2. */
export const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Belong to one connection, or say where a message ends (RFC 9110, section 7.6.1; RFC 9112, section 6). */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function isFraming(name: string): boolean {
  return FRAMING.has(name.toLowerCase());
}

/** Headers that the gateway puts on answers: names and values that HTTP allows, and none that frame the message. */
export function checkResponseHeaders(headers: unknown, pointer: string, check: RecordCheck): void {
  const seen = new Map<string, string>();
  for (const [name, value] of membersOf(headers)) {
    const at = pointerTo(pointer, name);
    const same = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    if (!HEADER_NAME.test(name))
      check.fault(at, `${JSON.stringify(name)} is no name of an HTTP header. Correct or remove it.`);
    else if (isFraming(name))
      check.fault(at, `${name} frames the message or belongs to the connection; the gateway sets it. Remove it.`);
    else if (same !== undefined) check.fault(at, `${same} and ${name} are the same header. Keep one of them.`);
    if (typeof value === 'string' && !HEADER_VALUE.test(value)) {
      check.fault(
        at,
        `The value of ${name} holds characters that no HTTP header may hold, such as a line break. Correct it.`,
      );
    }
  }
}

/** Drops what cannot pass in any case, with a warning. */
export function checkRunnerHeaders(names: unknown, pointer: string, check: RecordCheck): unknown {
  if (!Array.isArray(names)) return names;
  return names.filter((name: unknown, index) => {
    if (typeof name !== 'string') return true;
    const at = pointerTo(pointer, index);
    if (!HEADER_NAME.test(name))
      check.fault(at, `${JSON.stringify(name)} is no name of an HTTP header. Correct or remove it.`);
    if (!isFraming(name)) return true;
    check.warning(
      at,
      `${name} frames the message or belongs to the connection: it never passes from a runner. Remove it.`,
    );
    return false;
  });
}
