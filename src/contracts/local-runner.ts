import type { OpensTo, ParameterFault } from './executor.js';

/** A runner inside this process, named by the parameter `runner` of a system with executor `local`. */
export interface LocalRunner {
  /** Answers one event. Throws nothing for a failed call: that is an event with result.error, as from any other runner. */
  handle(request: LocalRequest, signal: AbortSignal): Promise<LocalResponse>;
  /** Ends what it began. */
  close?(): Promise<void>;
}

export interface LocalRequest {
  readonly method: string;
  /** The channel's target, as its record has it. */
  readonly target: string;
  /** The path below the channel, normal form, with a leading slash. */
  readonly path: string;
  /** Of a client's call over a channel: whom the rule of its path lets in, and whether an API key is what was let in. */
  readonly opensTo?: OpensTo;
  readonly byApiKey?: boolean;
  /** The event as JSON text. */
  readonly event: string;
}

export interface LocalResponse {
  readonly status: number;
  /** JSON text: an event, or any other value. */
  readonly body: string;
}

/** Makes a local runner from the parameters of a system. Registered with `@RegisterLocalRunner`. */
export interface LocalRunnerFactory {
  /** What it reads: anything else is a warning of the record. Without them nothing is. */
  readonly parameterNames?: readonly string[];
  /** What it is sent and answers holds secrets: logs show names of members alone. */
  readonly bodiesAreSecret?: true;
  /** What is wrong with the parameters: faults of the record. Without it, `create` throws at the first call. */
  check?(parameters: ReadonlyMap<string, string>): readonly ParameterFault[];
  create(parameters: ReadonlyMap<string, string>): LocalRunner | Promise<LocalRunner>;
}
