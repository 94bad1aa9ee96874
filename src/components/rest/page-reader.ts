import { setImmediate } from 'node:timers/promises';
import type { ComponentKind } from '../../contracts/records.js';
import { Slices } from '../breathe.js';
import type { CheckedRecord } from '../check/check-record.js';
import { hasReadingThread, ReadingThread } from '../reading/reading-thread.js';
import { type PageEnd, recordsOfBatch } from '../reading/wire.js';
import { readPage } from './read-page.js';
import type { RestAnswer } from './rest-client.js';
import { SourceFailure } from './source-failure.js';

export interface PageContent {
  readonly records: readonly CheckedRecord[];
  /** Of the source's list: branches' copies count, too. */
  readonly length: number;
  readonly firstIds: string;
}

/** Up to here parsing a page is over within a slice or two. */
const MOST_INLINE = 256 * 1024;

/** Makes records of answers: small ones in slices, large ones in a thread that lives as long as this. */
export class PageReader {
  private readonly slices = new Slices();
  private readonly thread: ReadingThread;

  constructor(
    private readonly gatewayId: string,
    signal: AbortSignal,
  ) {
    this.thread = new ReadingThread(signal);
  }

  /** @throws SourceFailure */
  async read(kind: ComponentKind, answer: RestAnswer): Promise<PageContent> {
    // Answers may come faster than anybody else gets a turn.
    await setImmediate();
    return answer.bytes > MOST_INLINE && hasReadingThread
      ? await this.readInThread(kind, answer)
      : await this.readInline(kind, answer);
  }

  async close(): Promise<void> {
    await this.thread.close();
  }

  private async readInline(kind: ComponentKind, { chunks, contentType }: RestAnswer): Promise<PageContent> {
    const outcome = await readPage({ kind, chunks, contentType }, this.gatewayId, this.slices);
    if (outcome.state === 'failed') throw new SourceFailure(outcome.message);
    const { length, firstIds } = outcome;
    return { length, firstIds, records: outcome.records.map(({ checked }) => checked) };
  }

  private async readInThread(kind: ComponentKind, { chunks, contentType }: RestAnswer): Promise<PageContent> {
    const records: CheckedRecord[] = [];
    const ends: PageEnd[] = [];
    await this.thread.run(
      { page: { kind, chunks, contentType }, gatewayId: this.gatewayId },
      (message) => {
        if (message.kind === 'records') records.push(...recordsOfBatch(message.text));
        else if (message.kind === 'page') ends.push(message.end);
      },
      chunks.map(({ buffer }) => buffer),
    );
    const end = ends[0]!;
    if (end.state === 'failed') throw new SourceFailure(end.message);
    return { length: end.length, firstIds: end.firstIds, records };
  }
}
