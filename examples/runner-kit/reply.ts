import { statusOf, type RunnerError } from './errors.js';

/** An answer on its way out. In this process only status and body are used. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Over HTTP the connection breaks off instead of an answer. */
  readonly reset?: true;
}

/** What an RPC handler may return to answer something else than an event. Made by `reply`. */
export class SpecialReply {
  constructor(
    readonly kind: 'raw' | 'reset',
    readonly content: Partial<Reply> = {},
  ) {}
}

/** Answers that no well-behaved runner gives: for tests of what calls it. */
export const reply = {
  /** These bytes instead of an event; status 200 and application/json unless told otherwise. */
  raw: (content: Partial<Omit<Reply, 'reset'>>): SpecialReply => new SpecialReply('raw', content),
  /** Breaks the connection off; in this process an ERROR event. */
  reset: (): SpecialReply => new SpecialReply('reset'),
};

export function jsonReply(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, body: JSON.stringify(value), headers };
}

/** A plain error answer: `{"error": {"code", "message", "payload"?}}`. */
export function errorReply(error: RunnerError, headers: Readonly<Record<string, string>> = {}): Reply {
  const { code, message, safePayload } = error;
  return jsonReply(statusOf(error), { error: { code, message, payload: safePayload } }, headers);
}
