import { IncomingMessage } from 'node:http';
import type { ListenerKind } from '../../contracts/edge-view.js';
import type { Exchange } from '../exchange.js';

export interface ExchangeEnder {
  readonly draining: boolean;
  end(exchange: Exchange, isFinished: boolean): void;
}

/** Takes a body's bytes as the parser finds them. */
export interface BodyTaker {
  take(chunk: Buffer): void;
  finish(): void;
  breakOff(): void;
}

/**
 * A request of our servers. A taker gets the body straight from the parser: a small body that goes through a stream's buffer,
 * listeners and ticks costs more than the request's whole way through the pipeline.
 */
export class EdgeRequest extends IncomingMessage {
  /** What the listener made of it. */
  exchange: Exchange | null = null;
  cameBy: ListenerKind = 'public';
  /** Who sees it to its end. */
  listener: ExchangeEnder | null = null;
  awaitsContinue = false;
  private taker: BodyTaker | null = null;
  /**
   * The first piece, where it came before anybody asked, and with it the end where that has come, too (`complete`): the stream gets them
   * only where somebody reads that.
   */
  private early: Buffer | null = null;

  /** Null gives the body back to the stream, where it waits, with back-pressure, for somebody who reads it. */
  deliverTo(taker: BodyTaker | null): void {
    this.taker = taker;
    if (taker === null) return;
    const { early } = this;
    this.early = null;
    // By its own read the stream learns that somebody reads; with the end in it already it would go on to tell of that.
    for (let chunk: unknown = this.read(); chunk !== null; chunk = this.read()) taker.take(chunk as Buffer);
    if (early !== null) taker.take(early);
    if (!this.complete) return;
    if (early !== null) super.push(null);
    this.taker = null;
    taker.finish();
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    const { taker } = this;
    if (taker === null) {
      if (this.holdsBack(chunk)) return true;
      this.letGo();
      return super.push(chunk, encoding);
    }
    if (chunk !== null) {
      taker.take(chunk as Buffer);
      return true;
    }
    this.taker = null;
    taker.finish();
    return super.push(null);
  }

  /** For who reads it as a stream. */
  override _read(size: number): void {
    this.letGo();
    super._read(size);
  }

  /** The first piece while nobody reads, and the end that follows it. */
  private holdsBack(chunk: unknown): boolean {
    if (chunk === null) return this.early !== null;
    if (this.early !== null || this.readableLength > 0 || this.readableFlowing !== null) return false;
    this.early = chunk as Buffer;
    return true;
  }

  private letGo(): void {
    const { early } = this;
    if (early === null) return;
    this.early = null;
    super.push(early);
    if (this.complete) super.push(null);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { taker } = this;
    this.taker = null;
    taker?.breakOff();
    super._destroy(error, done);
  }
}

export function exchangeOf(request: IncomingMessage): Exchange {
  return (request as EdgeRequest).exchange!;
}
