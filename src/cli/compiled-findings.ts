import type { ComponentSet, Finding } from '../contracts/components.js';
import type { LocalRunnerFactory } from '../contracts/local-runner.js';
import { IDENTITY_PARAMETERS, identityFaults } from '../identity/identity-settings.js';

/** What else is wrong once the records are put together: the gateway's compiler. */
export type Compile = (set: ComponentSet) => Promise<readonly Finding[]>;

/** Whether there is a Redis depends on where it will run. */
const NOWHERE = {
  ...{ gatewayId: '', redisUrl: 'redis://localhost' },
  database: { name: 'no database', open: () => Promise.reject(new Error('Nothing is opened by a check.')) },
};

/** It is not made for a check: it would need keys. */
const IDENTITY: LocalRunnerFactory = {
  parameterNames: IDENTITY_PARAMETERS,
  check: identityFaults,
  create: () => Promise.reject(new Error('Nothing is made by a check.')),
};

/** What the gateway's compiler finds in a set: nothing is opened. Loaded when it is asked for, since no other command needs it. */
export async function compiledFindings(set: ComponentSet): Promise<readonly Finding[]> {
  await import('reflect-metadata');
  const [{ checkComponents }, { SampleLocalRunner }, { RateStoreServices }, { SessionRunnerFactory }] =
    await Promise.all([
      import('../gateway/check-components.js'),
      import('../demo/sample-local-runner.js'),
      import('../ratelimit/rate-store-services.js'),
      import('../sessions/session-runner.factory.js'),
    ]);
  const session = new SessionRunnerFactory({ database: NOWHERE.database, changed: () => undefined });
  const runners = { sample: new SampleLocalRunner(''), session, identity: IDENTITY };
  return checkComponents(set, runners, new RateStoreServices(NOWHERE));
}
