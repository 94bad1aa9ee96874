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

  /** Null gives the body back to the stream, where it waits, with back-pressure, for somebody who reads it. */
  deliverTo(taker: BodyTaker | null): void {
    this.taker = taker;
    if (taker === null) return;
    // What came before anybody asked.
    for (let chunk: unknown = this.read(); chunk !== null; chunk = this.read()) taker.take(chunk as Buffer);
    if (this.complete) taker.finish();
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    const { taker } = this;
    if (taker === null) return super.push(chunk, encoding);
    if (chunk !== null) {
      taker.take(chunk as Buffer);
      return true;
    }
    this.taker = null;
    taker.finish();
    return super.push(null);
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
