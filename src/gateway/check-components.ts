import type { ComponentSet, Finding } from '../contracts/components.js';
import type { RateStores } from '../contracts/rate-store.js';
import type { LocalRunnerFactory } from '../contracts/local-runner.js';
import { CrudExecutor } from './execute/crud.executor.js';
import { executorNames } from './execute/executor.decorator.js';
import { ExecutorRegistry } from './execute/executor.registry.js';
import { LocalExecutor } from './execute/local.executor.js';
import { SILENT_EVENTS } from './execute/balance/balancer.js';
import type { HttpWiring } from './execute/http-wiring.js';
import { RpcExecutor } from './execute/rpc.executor.js';
import { Targets } from './execute/targets.js';
import { ChannelCompiler } from './resolve/channel-compiler.js';
import { UserRates } from './limit/user-rate/user-rates.js';
import { LimitStates } from './limit/channel-limits.js';
import { SYSTEM_LIMIT_CLOCK } from './limit/gate.js';
import { TokenKinds } from './resolve/token-kinds.js';
import type { Stage } from './stage.js';
import { RouteBuilder } from './resolve/route-builder.js';

function namesOf(Executor: object): readonly string[] {
  return Reflect.getMetadata(executorNames.KEY, Executor) as readonly string[];
}

const NOBODY_CALLS: Stage = { name: 'nobody calls', run: () => null };
const STAGES = { identify: NOBODY_CALLS, verify: NOBODY_CALLS, session: NOBODY_CALLS, limit: NOBODY_CALLS };

/** What is only checked is never begun. Whether there is a Consul depends on where it will run. */
const NOTHING_AROUND: HttpWiring = {
  hasConsul: true,
  now: () => 0,
  shareOf: (bound) => bound,
  instanceSourceOf: () => {
    throw new Error('A backend that is only checked looks for no instances.');
  },
  eventsOf: () => SILENT_EVENTS,
  inForce: new Set(),
};

/** Compiles a set as the gateway would, for its findings alone: nothing is opened, nothing serves. */
export async function checkComponents(
  set: ComponentSet,
  localRunners: Readonly<Record<string, LocalRunnerFactory>>,
  stores: Pick<RateStores, 'choose' | 'check'>,
): Promise<readonly Finding[]> {
  const local = new LocalExecutor();
  for (const [name, factory] of Object.entries(localRunners)) local.add(name, factory);
  const executors = new ExecutorRegistry();
  for (const Executor of [RpcExecutor, CrudExecutor]) executors.add(namesOf(Executor), new Executor(NOTHING_AROUND));
  executors.add(namesOf(LocalExecutor), local);
  const targets = new Targets(() => undefined);
  const rates = new UserRates({ mostBuckets: 1, expiryMs: 1, report: () => undefined });
  const limits = new LimitStates({
    ...{ clock: SYSTEM_LIMIT_CLOCK, rates, shareOf: (bound) => bound, onBreaker: () => undefined },
  });
  const built = await new RouteBuilder(
    new ChannelCompiler({
      ...{ executors, targets, stages: STAGES, maxBufferedBytes: Infinity, plainHeaders: {} },
      // Whether unsigned tokens are allowed depends on where it will run.
      tokens: new TokenKinds({ allowUnsigned: true }),
      limits,
    }),
    stores,
    // The admin API is on where nobody switched it off.
    new Set(['admin']),
  ).build(set);
  limits.close();
  await rates.flush(0);
  return built.findings;
}
