import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { GatewayError } from '../../errors/gateway.error.js';
import type { BodySource } from '../exchange.js';
import type { BodyReader, BodyWatch } from './body-watch.js';
import type { BodyTaker, EdgeRequest } from './edge-request.js';

/**
 * The body of a request over HTTP/1.1. Never destroys the request itself: Node would destroy the socket with it, and the client
 * would get no answer.
 */
export class HttpBody implements BodySource {
  readonly hasBody: boolean;
  readonly length: number | null;
  private reader: BodyReader | null = null;
  /** Set when the connection broke inside the body: it will never be whole. */
  private fault: GatewayError | null = null;

  constructor(
    private readonly request: EdgeRequest,
    /** Set when the client waits for 100 (Continue) before it sends the body. */
    private readonly continueThrough: ServerResponse | null,
    private readonly watch: BodyWatch,
  ) {
    const length = request.headers['content-length'];
    this.length = length === undefined ? null : Number(length);
    this.hasBody = this.length === null ? request.headers['transfer-encoding'] !== undefined : this.length > 0;
  }

  get complete(): boolean {
    return this.request.complete;
  }

  /** True once somebody has begun to read: what is left must be drained or cut off, not forgotten. */
  get started(): boolean {
    return this.reader !== null;
  }

  /** The client waits for 100 (Continue), and nobody has asked for the body. */
  get awaitsContinue(): boolean {
    return this.continueThrough !== null && this.reader === null;
  }

  /** What came over the connection inside this body is no HTTP. */
  breakOff(): void {
    this.fault = new GatewayError('BODY_BROKEN_OFF');
    this.reader?.cutOff(this.fault);
  }

  async read(limitBytes: number, bySilence = false): Promise<Buffer> {
    if (!this.hasBody) return EMPTY;
    if (this.length !== null && this.length > limitBytes) throw new GatewayError('BODY_TOO_LARGE');
    if (this.fault !== null) throw this.fault;
    const reading = new WholeRead(this.request, limitBytes);
    this.begin(reading);
    this.request.deliverTo(reading);
    const slot = this.watch.add(this.request, bySilence, reading);
    try {
      return await reading.promise;
    } finally {
      this.watch.remove(slot);
    }
  }

  /** Lets a small body that nobody wants go by, so that the connection can be kept. */
  discard(): void {
    this.request.deliverTo(DISCARD);
  }

  stream(limitBytes: number): Readable {
    const upload = new Upload(this.request, limitBytes);
    this.begin(upload);
    if (this.fault !== null) upload.cutOff(this.fault);
    const slot = this.watch.add(this.request, true, upload);
    upload.once('close', () => this.watch.remove(slot));
    return upload;
  }

  private begin(reader: BodyReader): void {
    this.reader = reader;
    this.continueThrough?.writeContinue();
  }
}

const EMPTY = Buffer.alloc(0);

/** Collects a body, straight from the parser. */
class WholeRead implements BodyReader, BodyTaker {
  readonly promise: Promise<Buffer>;
  private settled = false;
  private resolve!: (body: Buffer) => void;
  private reject!: (error: Error) => void;
  private first: Buffer | null = null;
  private more: Buffer[] | null = null;
  private bytes = 0;

  constructor(
    private readonly request: EdgeRequest,
    private readonly limitBytes: number,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** What still comes waits in the stream, with back-pressure, until the reply drains it or the connection ends. */
  cutOff(error: GatewayError): void {
    if (this.settled) return;
    this.settled = true;
    this.request.deliverTo(null);
    this.reject(error);
  }

  breakOff(): void {
    if (!this.settled) this.cutOff(new GatewayError('BODY_BROKEN_OFF'));
  }

  take(chunk: Buffer): void {
    if (this.settled) return;
    this.bytes += chunk.length;
    if (this.bytes > this.limitBytes) return this.cutOff(new GatewayError('BODY_TOO_LARGE'));
    if (this.first === null) this.first = chunk;
    else (this.more ??= [this.first]).push(chunk);
  }

  finish(): void {
    if (this.settled) return;
    this.settled = true;
    this.resolve(this.more === null ? (this.first ?? EMPTY) : Buffer.concat(this.more, this.bytes));
  }
}

/** Takes a body that nobody wants. */
export const DISCARD: BodyTaker = { take: ignore, finish: ignore, breakOff: ignore };

function ignore(): void {}

/** A body as it comes, with back-pressure; ends with an error past its limit. */
class Upload extends Readable implements BodyReader {
  private bytes = 0;
  /** All has come, though nobody may have read it yet: what becomes of the request does not matter any more. */
  private isWhole = false;
  private readonly onData = (chunk: Buffer): void => this.receive(chunk);
  private readonly onEnd = (): void => {
    this.isWhole = true;
    this.push(null);
  };
  private readonly onGone = (): void => this.cutOff(new GatewayError('BODY_BROKEN_OFF'));

  constructor(
    private readonly request: EdgeRequest,
    private readonly limitBytes: number,
  ) {
    super();
    request.on('data', this.onData).on('end', this.onEnd).on('close', this.onGone).on('error', this.onGone);
    request.pause();
  }

  cutOff(error: GatewayError): void {
    if (!this.isWhole) this.destroy(error);
  }

  override _read(): void {
    this.request.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { request } = this;
    request.off('data', this.onData).off('end', this.onEnd).off('close', this.onGone).off('error', this.onGone);
    request.on('error', ignore);
    request.pause();
    done(error);
  }

  private receive(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.limitBytes) return this.cutOff(new GatewayError('BODY_TOO_LARGE'));
    if (!this.push(chunk)) this.request.pause();
  }
}
