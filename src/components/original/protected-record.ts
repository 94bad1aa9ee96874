import { isMembers, type Members } from '../check/members.js';
import { mapOf } from './maps.js';
import { mergePaths } from './merge-paths.js';
import { placeOf, type PlaceOptions } from './place.js';
import { holds, put, type Reader, type Reading, without } from './reading.js';

export const readHeaders = mapOf({ name: 'responseHeaders', keys: ['headerKey'], values: ['headerValue'] });

/** `responseHeaders` of a record: a map of headers, or a tab that holds one, beside rules of paths. */
const readHeadersTab: Reader = (value, reading) => {
  const headers = readHeaders(value, reading);
  if (!isMembers(headers) || !isNested(headers['responseHeaders'])) return headers;
  const inner = readHeaders(headers['responseHeaders'], reading);
  if (!isMembers(inner) || isNested(inner['responseHeaders']) || isNested(inner['paths'])) return headers;
  reading.foreign.add('responseHeaders.responseHeaders → responseHeaders');
  return { ...inner, ...without(headers, 'responseHeaders') };
};

interface Aside {
  readonly record: Members;
  /** Rules of a tab in our form; null where it has none. */
  readonly paths: Members | null;
}

/** A channel or service: rules may stand in `paths`, and in tabs of their own beside it. */
export function protectedRecordOf(
  options: PlaceOptions,
  { readPaths, keepsExtensions }: { readonly readPaths: Reader; readonly keepsExtensions: boolean },
): Reader {
  const readPlace = placeOf({
    ...options,
    parts: { ...options.parts, paths: readPaths, responseHeaders: readHeadersTab },
  });
  return function readProtectedRecord(value, reading) {
    if (!isMembers(value)) return value;
    const resilience = takePaths(value, 'resilience', readPaths, reading);
    const read = readPlace(resilience.record, reading) as Members;
    const headers = takePaths(read, 'responseHeaders', readPaths, reading);
    let record = headers.record;
    for (const [tab, { paths: added }] of [
      ['resilience', resilience],
      ['responseHeaders', headers],
    ] as const) {
      if (added !== null) record = withPaths(record, added, { tab, keepsExtensions, reading });
    }
    return record;
  };
}

function takePaths(record: Members, tab: string, readPaths: Reader, reading: Reading): Aside {
  const group = Object.hasOwn(record, tab) ? record[tab] : undefined;
  if (!isMembers(group) || !isNested(group['paths'])) return { record, paths: null };
  const paths = reading.below('paths', readPaths, group['paths']);
  if (!isMembers(paths)) return { record, paths: null };
  reading.foreign.add(`${tab}.paths → paths`);
  const left = without(group, 'paths');
  const rest = without(record, tab);
  return { record: Object.keys(left).length === 0 ? rest : { ...rest, [tab]: left }, paths };
}

function withPaths(
  record: Members,
  added: Members,
  {
    tab,
    keepsExtensions,
    reading,
  }: { readonly tab: string; readonly keepsExtensions: boolean; readonly reading: Reading },
): Members {
  const paths = holds(record, 'paths') ? record['paths'] : {};
  // The record is at fault for its paths.
  if (!isMembers(paths)) return record;
  const after = { ...record };
  reading.below('paths', () => put(after, 'paths', mergePaths(paths, added, { tab, keepsExtensions, reading })), null);
  return after;
}

const isNested = (value: unknown): boolean => typeof value === 'object' && value !== null;
