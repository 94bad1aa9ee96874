import { Injectable } from '@nestjs/common';
import {
  ParametersRejected,
  type Callee,
  type Cancellation,
  type Destination,
  type Executor,
  type ParameterSpecs,
  type PrepareContext,
  type RunnerAnswer,
  type RunnerCall,
  type Target,
} from '../../contracts/executor.js';
import type { LocalResponse, LocalRunner, LocalRunnerFactory } from '../../contracts/local-runner.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { RegisterExecutor } from './executor.decorator.js';
import { ParameterReader } from './parameters.js';

const DEFAULT_TIMEOUT_MS = 60_000;

/** A runner inside this process, by name (spec/runner-contract.md, "local"). */
@Injectable()
@RegisterExecutor('local', 'LocalExecutor')
export class LocalExecutor implements Executor {
  readonly parameterSpecs: ParameterSpecs = {
    runner: { type: 'string', doc: 'Name of the runner: identity, session, sample, or what a plug-in registers.' },
    'server.timeout': { type: 'integer', min: 1, doc: 'ms of one call. Default 60000.' },
    '*': { type: 'string', doc: 'Parameters of that runner.' },
  };
  private readonly factories = new Map<string, LocalRunnerFactory>();

  add(name: string, factory: LocalRunnerFactory): void {
    if (this.factories.has(name)) throw new Error(`Two local runners claim the name "${name}".`);
    this.factories.set(name, factory);
  }

  specsFor({ runner }: Readonly<Record<string, unknown>>): ParameterSpecs {
    const names = typeof runner === 'string' ? this.factories.get(runner)?.parameterNames : undefined;
    if (names === undefined) return this.parameterSpecs;
    const { '*': own, ...common } = this.parameterSpecs;
    return { ...common, ...Object.fromEntries(names.map((name) => [name, own!])) };
  }

  prepare(parameters: ReadonlyMap<string, string>, context: PrepareContext): Target {
    const reader = new ParameterReader(parameters);
    const name = reader.required('runner');
    const timeoutMs = reader.integer('server.timeout', DEFAULT_TIMEOUT_MS, 1);
    reader.finish();
    const factory = this.factories.get(name);
    if (factory === undefined) {
      const known = [...this.factories.keys()].join(', ');
      throw new ParametersRejected([
        { parameter: 'runner', message: `"${name}" is no local runner; there are: ${known}` },
      ]);
    }
    const faults = factory.check?.(parameters) ?? [];
    if (faults.length > 0) throw new ParametersRejected(faults);
    return new LocalTarget(context.key, timeoutMs, factory, parameters);
  }
}

class LocalTarget implements Target {
  private runner: Promise<LocalRunner> | null = null;

  constructor(
    readonly key: string,
    private readonly timeoutMs: number,
    private readonly factory: LocalRunnerFactory,
    private readonly parameters: ReadonlyMap<string, string>,
  ) {}

  ready(): boolean {
    return true;
  }

  bind(destination: Destination): Callee {
    return {
      takes: 'event',
      hidesBodies: this.factory.bodiesAreSecret === true,
      execute: (call, cancellation) => this.execute(call, cancellation, destination),
    };
  }

  async close(): Promise<void> {
    await (await this.runner)?.close?.();
  }

  private async execute(call: RunnerCall, cancellation: Cancellation, destination: Destination): Promise<RunnerAnswer> {
    // Made by the first call; one that fails is tried again by the next.
    this.runner ??= Promise.resolve(this.factory.create(this.parameters)).catch((error: unknown) => {
      this.runner = null;
      throw error;
    });
    const abort = new AbortController();
    cancellation.onCancel({ cancel: () => abort.abort() });
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      abort.abort();
      reject(new GatewayError('BACKEND_TIMEOUT'));
    }, this.timeoutMs);
    try {
      const answer = await Promise.race([this.handle(call, destination, abort.signal), tooLate]);
      return { kind: 'event', status: answer.status, text: answer.body };
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      throw new GatewayError('EXECUTOR_FAILED', { cause: error });
    } finally {
      clearTimeout(timer);
      cancellation.onCancel(null);
    }
  }

  private async handle(call: RunnerCall, destination: Destination, signal: AbortSignal): Promise<LocalResponse> {
    const runner = await this.runner!;
    return runner.handle(
      {
        ...{ method: call.method, target: destination.target, path: call.path, event: call.event() },
        ...(call.opensTo !== undefined && { opensTo: call.opensTo, byApiKey: call.byApiKey === true }),
      },
      signal,
    );
  }
}
