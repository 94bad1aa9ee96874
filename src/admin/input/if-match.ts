import { Refused } from '../../low-rate/refused.js';
import { inputRefused } from './input-faults.js';

/** What a write was based on (RFC 9110, 13.1.1). Null: whichever version there is. */
export type Precondition = readonly number[] | null;

const TAG = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;
const MOST_TAGS = 20;

export const tagOf = (version: number): string => `"${version}"`;

/**
 * The versions that If-Match names. Without it, and with `*`, every version is right. Weak tags match nothing, as the RFC says, and a tag
 * that is none of ours cannot be right either.
 * @throws Refused INPUT_INVALID where the header is malformed
 */
export function preconditionOf(header: string | undefined): Precondition {
  if (header === undefined || header.trim() === '*') return null;
  const tags = header.split(',').map((part) => TAG.exec(part.trim()));
  if (tags.length > MOST_TAGS || tags.includes(null))
    throw inputRefused([{ pointer: '', message: 'If-Match must be * or one or more ETags such as "3"' }]);
  return tags.flatMap((tag) => (tag![1] === undefined && /^[1-9]\d{0,14}$/.test(tag![2]!) ? [Number(tag![2])] : []));
}

/**
 * The version that a write insists on. @param current asked only where the header names several
 * @throws Refused RECORD_CHANGED where none of them can be right
 */
export async function versionFor(precondition: Precondition, current: () => Promise<number>): Promise<number | null> {
  if (precondition === null) return null;
  if (precondition.length === 1) return precondition[0]!;
  const version = precondition.length === 0 ? 0 : await current();
  if (!precondition.includes(version)) throw new Refused('RECORD_CHANGED');
  return version;
}
