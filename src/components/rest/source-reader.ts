import { hash } from 'node:crypto';
import { COMPONENT_KINDS, type ComponentKind } from '../../contracts/records.js';
import type { CheckedRecord } from '../check/check-record.js';
import type { PageReader } from './page-reader.js';
import type { RestClient } from './rest-client.js';
import { SourceFailure } from './source-failure.js';

/** A page of the source: what the sink has as one unit. */
export interface Page {
  /** Names the unit: `channel page 3 of http://host/path`. */
  readonly origin: string;
  readonly kind: ComponentKind;
  readonly digest: string;
  /** Of its records: a source may write the same ones in other words each time. */
  readonly content: string;
  readonly length: number;
  readonly firstIds: string;
  readonly ids: readonly string[];
  /** Null where the sink has them already. */
  readonly records: readonly CheckedRecord[] | null;
}

export type Pages = ReadonlyMap<string, Page>;

/** A kind, or all of them, cannot be read whole: the load fails. */
export class UnreadableKind extends Error {
  constructor(
    readonly kinds: readonly ComponentKind[],
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'UnreadableKind';
  }

  /** There is no use in asking for another. */
  get isOfAll(): boolean {
    return this.kinds.length === COMPONENT_KINDS.length;
  }
}

function together(failures: readonly UnreadableKind[]): UnreadableKind {
  const kinds = failures.flatMap((failure) => failure.kinds);
  return new UnreadableKind(kinds, failures.map(({ message }) => message).join('; '), { cause: failures[0] });
}

/** Records that are asked for at once; a shorter page is the last. */
export const PAGE_LENGTH = 100;
const MOST_PAGES = 1000;
const MOST_RECORDS = 200_000;

/** Reads all of a source, a kind after the other and a page after the other. */
export class SourceReader {
  constructor(
    private readonly parts: {
      readonly client: RestClient;
      readonly reader: PageReader;
      readonly paths: Readonly<Record<ComponentKind, string>>;
    },
  ) {}

  /** @param known pages of the last load: what has not changed is not checked again. @throws UnreadableKind */
  async readAll(known: Pages): Promise<Pages> {
    const pages = new Map<string, Page>();
    const failures: UnreadableKind[] = [];
    for (const kind of COMPONENT_KINDS) {
      try {
        for (const page of await this.readKind(kind, known)) pages.set(page.origin, page);
      } catch (error) {
        // The other kinds are asked for, too, so that all that is wrong is told at once; not of a source that is away as a whole.
        if (!(error instanceof UnreadableKind) || error.isOfAll) throw error;
        failures.push(error);
      }
    }
    if (failures.length > 0) throw together(failures);
    return pages;
  }

  /** Whether the source gives the same for these pages again. @throws UnreadableKind */
  async haveStayed(pages: Pages): Promise<boolean> {
    for (const { kind, origin, content } of pages.values()) {
      const page = await this.readPage(origin, { kind, skip: 0, limit: PAGE_LENGTH }, pages);
      if (page.content !== content) return false;
    }
    return true;
  }

  private async readKind(kind: ComponentKind, known: Pages): Promise<readonly Page[]> {
    const pages = await this.readPages(kind, known);
    const before = [...known.values()].filter((page) => page.kind === kind);
    if (!isDoubtful(pages, before)) return pages;
    return await this.readPages(kind, new Map([...known, ...pages.map((page) => [page.origin, page] as const)]));
  }

  private async readPages(kind: ComponentKind, known: Pages): Promise<readonly Page[]> {
    const pages: Page[] = [];
    let skip = 0;
    for (;;) {
      const origin = `${kind} page ${pages.length + 1} of ${this.parts.client.urlOf(this.parts.paths[kind])}`;
      const page = await this.readPage(origin, { kind, skip, limit: PAGE_LENGTH }, known);
      const last = pages.at(-1);
      if (last !== undefined && page.length === 0) return pages;
      if (last !== undefined && isSame(page, last)) {
        if (pages.length === 1) await this.refuseMore(last);
        return pages;
      }
      pages.push(page);
      if (page.length < PAGE_LENGTH) return pages;
      skip += page.length;
      if (pages.length >= MOST_PAGES || skip > MOST_RECORDS) {
        const bound = `${MOST_PAGES} pages or ${MOST_RECORDS} records`;
        throw new UnreadableKind([kind], `${origin} is not the last, and no kind may have more than ${bound}`);
      }
    }
  }

  private async readPage(
    origin: string,
    { kind, skip, limit }: { readonly kind: ComponentKind; readonly skip: number; readonly limit: number },
    known: Pages,
  ): Promise<Page> {
    try {
      const answer = await this.parts.client.get(this.parts.paths[kind], `skip=${skip}&limit=${limit}`);
      const before = known.get(origin);
      if (before?.digest === answer.digest) return before;
      const { records, length, firstIds } = await this.parts.reader.read(kind, answer);
      const ids = records.map(({ id }) => id);
      return { origin, kind, digest: answer.digest, content: contentOf(records), length, firstIds, ids, records };
    } catch (error) {
      if (!(error instanceof SourceFailure)) throw error;
      const kinds = error.isOfAll ? COMPONENT_KINDS : [kind];
      throw new UnreadableKind(kinds, `${origin} ${error.message}`, { cause: error });
    }
  }

  /** A source that gives its first page again has no other, or gives no more than was asked for: then some would be missing. */
  private async refuseMore({ origin, kind, length }: Page): Promise<void> {
    if (length > PAGE_LENGTH) return;
    const { length: longer } = await this.readPage(origin, { kind, skip: 0, limit: 2 * PAGE_LENGTH }, new Map());
    if (longer === length) return;
    throw new UnreadableKind([kind], `${origin} comes again whatever skip asks for: the other pages cannot be read`);
  }
}

function contentOf(records: readonly CheckedRecord[]): string {
  return hash('sha256', JSON.stringify(records.map(({ id, version, active }) => [id, version, active])), 'base64url');
}

function isSame(a: Page, b: Page): boolean {
  return a.digest === b.digest || (a.length > 0 && a.firstIds === b.firstIds);
}

/**
 * A source that changes while it is read moves records over the borders of pages: one may then be missing, or be there twice.
 * That is believed only when the pages were read once more.
 */
function isDoubtful(pages: readonly Page[], before: readonly Page[]): boolean {
  if (pages.length < 2 && before.length < 2) return false;
  const all = pages.flatMap(({ ids }) => ids).filter((id) => id !== '');
  const ids = new Set(all);
  return ids.size < all.length || before.some((page) => page.ids.some((id) => id !== '' && !ids.has(id)));
}
