import type { ComponentKind } from '../../contracts/records.js';
import type { Slices } from '../breathe.js';
import { type CheckResult, checkRecord } from '../check/check-record.js';
import { isMembers } from '../check/members.js';

/** One page of a REST source, as it came. */
export interface PageToRead {
  readonly kind: ComponentKind;
  readonly chunks: readonly Uint8Array[];
  /** Lower case. */
  readonly contentType: string;
}

export type PageOutcome =
  /** The message goes on after the page's address. */
  | { readonly state: 'failed'; readonly message: string }
  | {
      readonly state: 'read';
      readonly records: readonly CheckResult[];
      /** Of the source's list: branches' copies count, too. */
      readonly length: number;
      /** Tells a page from another, however the rest of it was written. */
      readonly firstIds: string;
    };

/** Refuses what is no UTF-8 rather than guess. */
const utf8 = new TextDecoder('utf-8', { fatal: true });
const MOST_FIRST_IDS = 10;

/** Parses and checks a page, in slices. Everything that is wrong is an outcome, nothing is thrown for it. */
export async function readPage(page: PageToRead, gatewayId: string, slices: Slices): Promise<PageOutcome> {
  const list = listOf(page);
  if (typeof list === 'string') return { state: 'failed', message: list };
  const firstIds = JSON.stringify(list.slice(0, MOST_FIRST_IDS).map((item) => (isMembers(item) ? item['id'] : null)));
  const records: CheckResult[] = [];
  for (const value of list) {
    const result = checkRecord(page.kind, value, { gatewayId });
    if (result !== null) records.push(result);
    if (slices.due()) await slices.pause();
  }
  return { state: 'read', records, length: list.length, firstIds };
}

/** The page's list, or what is wrong with it. */
function listOf({ chunks, contentType }: PageToRead): readonly unknown[] | string {
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(Buffer.concat(chunks));
  } catch {
    return 'answers text that is not UTF-8';
  }
  try {
    value = JSON.parse(text);
  } catch {
    return whatElse(text, contentType);
  }
  const list = isMembers(value) ? value['list'] : value;
  return Array.isArray(list) ? list : 'answers JSON that is neither a list nor an object with one in its member list';
}

function whatElse(text: string, contentType: string): string {
  if (text.trim() === '') return 'answers nothing';
  if (/html/.test(contentType) || /^\s*<(!doctype|html)/i.test(text)) return 'answers HTML, not JSON';
  if (/json/.test(contentType)) return 'answers JSON that cannot be parsed; is it whole?';
  const type = /^[\w.+-]+\/[\w.+-]+/.exec(contentType)?.[0] ?? 'content of no type';
  return `answers ${type} that is no JSON`;
}
