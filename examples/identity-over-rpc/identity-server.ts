import type { Listening, ListenOptions, Runner } from '../runner-kit/index.js';
// The kit's server alone, below its public face: events need no more than `runner.listen()`, but the plain twin does.
import { serve } from '../runner-kit/http/server.js';
import { readTarget } from '../runner-kit/http/targets.js';
import type { Reply } from '../runner-kit/reply.js';
import { suffer, type Fault } from './faults.js';
import { createIdentityRunner, type IdentityOptions } from './identity-runner.js';
import { readPlain, writePlain } from './plain-http.js';

/** A call as it came in, for tests of what a gateway sends. */
export interface SeenCall {
  /** `login`, `custom/setOtp`, `touch`, … */
  readonly action: string;
  /** `/auth/user/login`; the plain twin's without `/http`. */
  readonly path: string;
  readonly isPlain: boolean;
  readonly body: string;
}

export interface IdentityServerOptions extends IdentityOptions {
  /** By action, of both services and both twins. */
  readonly faults?: Readonly<Record<string, Fault>>;
  readonly onCall?: (call: SeenCall) => void;
}

/** The identity runner over HTTP: events at `/auth` and `/session`, plain calls at `/http/auth` and `/http/session`. */
export class IdentityServer {
  private readonly faults: Map<string, Fault>;
  private listening: Listening | null = null;

  private constructor(
    private readonly runner: Runner,
    private readonly options: IdentityServerOptions,
  ) {
    this.faults = new Map(Object.entries(options.faults ?? {}));
  }

  /** @throws what Node says, such as EADDRINUSE. */
  static async start(options: IdentityServerOptions & ListenOptions = {}): Promise<IdentityServer> {
    const server = new IdentityServer(await createIdentityRunner(options), options);
    server.listening = await serve(
      {
        targets: { rpc: [], crud: readTarget('/api/crud') },
        maxBodyBytes: options.maxBodyBytes ?? 1024 * 1024,
        rpc: (path, body, signal) => server.answer(path, body, signal),
        state: () => undefined,
        report: (error, path) => server.report(error, path),
      },
      options,
    );
    return server;
  }

  get port(): number {
    return this.listening?.port ?? 0;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** From now on; null makes the action well again. */
  setFault(action: string, fault: Fault | null): void {
    if (fault === null) this.faults.delete(action);
    else this.faults.set(action, fault);
  }

  async close(): Promise<void> {
    await this.listening?.close();
    await this.runner.close();
  }

  private async answer(wholePath: string, body: string, signal: AbortSignal): Promise<Reply> {
    const isPlain = wholePath.startsWith('/http/');
    const path = isPlain ? wholePath.slice('/http'.length) : wholePath;
    const action = actionOf(readTarget(path));
    this.options.onCall?.({ action, path, isPlain, body });
    const fault = this.faults.get(action);
    const badAnswer = fault ? await suffer(fault, signal) : null;
    if (badAnswer !== null) return badAnswer;
    if (!isPlain) return this.handle(path, body, signal);
    const call = readPlain(readTarget(path), body);
    const answered = await this.handle(call.path, JSON.stringify(call.event), signal);
    return answered.status === 200 ? writePlain(call.path, answered.body) : answered;
  }

  private handle(path: string, event: string, signal: AbortSignal): Promise<Reply> {
    return this.runner.handle({ method: 'POST', target: '/', path, event }, signal);
  }

  private report(error: unknown, path: string): void {
    if (this.options.onError) this.options.onError(error, path);
    else console.error(`identity server: ${path} failed:`, error);
  }
}

/** A session without an action is touched; what follows the action in a plain call are keys. */
function actionOf([service, , ...rest]: readonly string[]): string {
  return service === 'session' ? (rest[0] ?? 'touch') : rest.join('/');
}
