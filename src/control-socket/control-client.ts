import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { MOST_BODY_BYTES } from './read-body.js';
import { SOCKET_NAME, type SocketPath, socketPathIn } from './socket-path.js';

export type ControlAnswer<T> =
  | { readonly state: 'answered'; readonly value: T }
  /** No process listens in this folder. */
  | { readonly state: 'nobody' }
  /** In words for people; the status where there was an answer. */
  | { readonly state: 'error'; readonly status: number | null; readonly message: string };

export interface ControlQuestion {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
}

/** A process that runs answers this within milliseconds, whatever else it does. */
const STATUS_MS = 5000;
/** A look at a large source, or a transaction behind others, may take a while. */
const ANSWER_MS = 900_000;
/** Of an answer; a longer text could not be held. */
const MOST_ANSWER_BYTES = 400 * 1024 * 1024;

/** Asks the gateway that runs with a data.folder. */
export class ControlClient {
  private readonly name: string;

  constructor(
    private readonly folder: string,
    private readonly statusMs = STATUS_MS,
  ) {
    this.name = join(folder, SOCKET_NAME);
  }

  /** Never throws. The value is trusted: who answers on a socket in data.folder is of this user. */
  async ask<T>({ method, path, body }: ControlQuestion): Promise<ControlAnswer<T>> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const bytes = Buffer.from(text);
    if (bytes.length > MOST_BODY_BYTES) {
      return failure('That is more than the gateway takes at once (256 MiB); give fewer records at a time.');
    }
    // A process that hangs takes connections all the same: it is not waited for as long as one that works.
    const there = await this.send<unknown>({
      method: 'GET',
      path: '/status',
      bytes: Buffer.alloc(0),
      ms: this.statusMs,
    });
    if (there.state !== 'answered') return there;
    return await this.send<T>({ method, path, bytes, ms: ANSWER_MS });
  }

  private async send<T>(question: Question): Promise<ControlAnswer<T>> {
    let place: SocketPath | null = null;
    try {
      place = await socketPathIn(this.folder);
      const { status, text } = await exchange(place.path, question);
      const value: unknown = JSON.parse(text);
      if (status === 200) return { state: 'answered', value: value as T };
      const { error } = value as { readonly error?: string };
      return { state: 'error', status, message: error ?? `The gateway answered ${status}.` };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ECONNREFUSED') return { state: 'nobody' };
      return failure(`${this.name}: ${REASONS[code ?? ''] ?? message}`);
    } finally {
      await place?.close();
    }
  }
}

const failure = (message: string): ControlAnswer<never> => ({ state: 'error', status: null, message });

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'belongs to another user (EACCES)',
  EPERM: 'belongs to another user (EPERM)',
  ECONNRESET: 'the gateway ended before it answered; look whether it was done',
  EPIPE: 'the gateway ended before it answered; look whether it was done',
  EAGAIN: 'the gateway does not answer',
};

interface Question {
  readonly method: string;
  readonly path: string;
  readonly bytes: Buffer;
  readonly ms: number;
}

async function exchange(socketPath: string, question: Question): Promise<{ status: number; text: string }> {
  const { method, path, bytes, ms } = question;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = request({
    ...{ socketPath, method, path, agent: false, host: 'localhost' },
    headers: { 'Content-Type': 'application/json', 'Content-Length': bytes.length },
  });
  const timer = setTimeout(() => outgoing.destroy(new Error('the gateway does not answer')), ms);
  try {
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
    outgoing.end(bytes);
    const response = await promise;
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MOST_ANSWER_BYTES) throw new Error('the answer is too large');
      chunks.push(chunk);
    }
    return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
  } finally {
    clearTimeout(timer);
    outgoing.destroy();
  }
}
