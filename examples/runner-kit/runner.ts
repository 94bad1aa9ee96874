import { INTERNAL, RunnerError } from './errors.js';
import { objectIn, readEvent, type RequestMeta } from './event.js';
import { serve, type Listening, type ListenOptions } from './http/server.js';
import { readTarget, type Targets } from './http/targets.js';
import { errorReply, type Reply } from './reply.js';
import { answerRpc, type RpcHandler } from './rpc.js';
import { answerState, type State, type StateOptions } from './state/crud.js';
import { queryOfParameters } from './state/query.js';
import type { Store } from './state/store.js';

export interface RunnerOptions {
  /** Stands in what is logged. */
  readonly name?: string;
  /** Where events come in over HTTP; default `/api/rpc`. */
  readonly rpcTarget?: string;
  /** Where the states are over HTTP; default `/api/crud`. */
  readonly crudTarget?: string;
  /** Larger bodies are answered with 413; default 10 MiB. */
  readonly maxBodyBytes?: number;
  /** Gets every exception that is no RunnerError, with the path; default: the standard error output. */
  readonly onError?: (error: unknown, path: string) => void;
  /** Epoch ms; default Date.now. */
  readonly now?: () => number;
}

/** A request as a gateway in the same process makes it. */
export interface LocalRequest {
  readonly method: string;
  /** Not looked at: in this process a runner serves its paths below any target. */
  readonly target: string;
  readonly path: string;
  /** JSON text. */
  readonly event: string;
}
export interface LocalResponse {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
}

/** Answers events and serves states, over HTTP (`listen`) and in this process (`handle`) alike. */
export class Runner {
  private readonly handlers = new Map<string, RpcHandler>();
  private readonly states = new Map<string, State>();
  private readonly servers = new Set<Listening>();
  private readonly targets: Targets;

  /** @throws Error if the two targets are the same. */
  constructor(private readonly options: RunnerOptions = {}) {
    this.targets = {
      rpc: readTarget(options.rpcTarget ?? '/api/rpc'),
      crud: readTarget(options.crudTarget ?? '/api/crud'),
    };
    if (this.targets.rpc.join('/') === this.targets.crud.join('/'))
      throw new Error('rpcTarget and crudTarget are the same.');
  }

  /** Answers events for exactly this path; case counts. @throws Error if the path has a handler already. */
  rpc(path: string, handler: RpcHandler): this {
    const key = `/${readTarget(path).join('/')}`;
    if (this.handlers.has(key)) throw new Error(`Two handlers claim the path ${key}.`);
    this.handlers.set(key, handler);
    return this;
  }

  /** Serves the store's records below `/{name}`. @throws Error if the name is taken, or no single segment. */
  state(name: string, store: Store, options: StateOptions = {}): this {
    if (!/^[^/@]+$/.test(name)) throw new Error(`"${name}" cannot name a state.`);
    if (this.states.has(name)) throw new Error(`Two states claim the name ${name}.`);
    this.states.set(name, { ...options, name, store });
    return this;
  }

  /** Opens an HTTP server. @throws what Node says, such as EADDRINUSE. */
  async listen(options: ListenOptions = {}): Promise<Listening> {
    const listening = await serve(
      {
        targets: this.targets,
        maxBodyBytes: this.options.maxBodyBytes ?? 10 * 1024 * 1024,
        rpc: (path, event, signal) => this.answerPath(path, event, signal),
        state: (name) => this.states.get(name),
        report: (error, path) => this.report(error, path),
      },
      options,
    );
    this.servers.add(listening);
    return listening;
  }

  /**
   * Answers an event without HTTP. If the first segment of its path is a state, requestMeta.method says what to do with it,
   * payload.parameters is the body, or for GET and DELETE the query, and the answer is the one that HTTP would give.
   */
  async handle({ method, path, event }: LocalRequest, signal: AbortSignal): Promise<LocalResponse> {
    try {
      const [name = '', ...segments] = path.split('/').filter((segment) => segment !== '');
      const state = this.states.get(name);
      const reply = state
        ? await answerStateEvent(state, { method, segments, event })
        : await this.answerPath(path, event, signal);
      return { status: reply.status, body: reply.body };
    } catch (error) {
      if (!(error instanceof RunnerError)) this.report(error, path);
      const { status, body } = errorReply(
        error instanceof RunnerError ? error : new RunnerError(INTERNAL, 'The runner failed.'),
      );
      return { status, body };
    }
  }

  /** Closes the servers and lets the stores end what they write. */
  async close(): Promise<void> {
    await Promise.all([...this.servers].map((server) => server.close()));
    await Promise.all([...this.states.values()].map(async ({ store }) => store.close?.()));
  }

  private answerPath(path: string, event: string, signal: AbortSignal): Promise<Reply> {
    return answerRpc(event, {
      handler: this.handlers.get(path),
      path,
      signal,
      now: this.options.now ?? Date.now,
      report: (error) => this.report(error, path),
    });
  }

  private report(error: unknown, path: string): void {
    const { onError, name = 'runner' } = this.options;
    if (onError) onError(error, path);
    else console.error(`${name}: ${path} failed:`, error);
  }
}

/** A runner without paths yet. */
export function createRunner(options: RunnerOptions = {}): Runner {
  return new Runner(options);
}

async function answerStateEvent(
  state: State,
  {
    method,
    segments,
    event,
  }: { readonly method: string; readonly segments: readonly string[]; readonly event: string },
): Promise<Reply> {
  const { exact } = readEvent(event);
  const requestMeta: RequestMeta = objectIn(exact, 'requestMeta');
  const parameters = objectIn(exact, 'payload')['parameters'];
  const asked = (typeof requestMeta.method === 'string' ? requestMeta.method : method).toUpperCase();
  const hasBody = asked === 'POST' || asked === 'PUT' || asked === 'PATCH';
  return answerState(state, {
    method: asked,
    segments,
    query: hasBody ? new Map() : queryOfParameters(parameters),
    body: hasBody ? parameters : undefined,
    requestMeta,
  });
}
