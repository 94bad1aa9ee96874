import { type Pages, PAGE_LENGTH, type SourceReader } from './source-reader.js';

export interface SteadyRead {
  readonly pages: Pages;
  /** All of it stood in the source at one moment, as far as can be told. */
  readonly isSteady: boolean;
}

/** So often all is read again. */
const MOST_AGAIN = 3;
/** Up to here all pages are asked for again, past it the first of each kind: ten thousand records, or about a second. */
export const MOST_PAGES_AGAIN = 10_000 / PAGE_LENGTH;

/**
 * Pages are asked for one after the other, and the source may change between two of them: what was read is then of two moments.
 * Where it differs from what is known, it is believed once the source gives the same again. A source that did not change is
 * read once.
 * @throws UnreadableKind
 */
export async function readSteady(reader: SourceReader, known: Pages): Promise<SteadyRead> {
  let pages = await reader.readAll(known);
  if (isSame(pages, known)) return { pages, isSteady: true };
  for (let again = 0; again < MOST_AGAIN; again++) {
    const isLarge = pages.size > MOST_PAGES_AGAIN;
    if (isLarge && (await reader.haveStayed(firstPages(pages)))) return { pages, isSteady: true };
    // What was checked already is not checked again.
    const next = await reader.readAll(new Map([...known, ...pages]));
    if (!isLarge && isSame(next, pages)) return { pages: next, isSteady: true };
    pages = next;
  }
  return { pages, isSteady: false };
}

function isSame(a: Pages, b: Pages): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([origin, { content }]) => b.get(origin)?.content === content);
}

function firstPages(pages: Pages): Pages {
  const kinds = new Set<string>();
  return new Map([...pages].filter(([, { kind }]) => !kinds.has(kind) && kinds.add(kind)));
}
