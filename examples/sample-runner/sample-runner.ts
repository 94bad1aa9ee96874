import { join } from 'node:path';
import { createRunner, fileStore, type RpcCall, type Runner, type RunnerOptions } from '../runner-kit/index.js';
import { addMisbehaviour } from './misbehaviour.js';
import { textFrom } from './parameters.js';

export interface SampleRunnerOptions extends RunnerOptions {
  /** Where `todo.json` is kept; made with the first record. */
  readonly dataFolder: string;
}

/** The runner of the sample components: `todo` records on disk, some greetings, and paths that fail in every way. */
export function createSampleRunner({ dataFolder, ...options }: SampleRunnerOptions): Runner {
  const runner = createRunner({ name: 'sample runner', ...options })
    .state('todo', fileStore(join(dataFolder, 'todo.json')))
    .rpc('/Hello', hello)
    // Nothing returned is an empty flow: the gateway answers with the parameters, numbers as they were written.
    .rpc('/Echo', () => undefined)
    // From the exact event, so that what is shown is what was sent.
    .rpc('/Whoami', ({ exact }) => ({ requestMeta: exact['requestMeta'] ?? {} }));
  addMisbehaviour(runner);
  return runner;
}

/** Greets `name`; on another branch than main it tells which. */
function hello({ parameters, requestMeta: { branch } }: RpcCall): object {
  const message = `Hello, ${textFrom(parameters['name'], 'World')}!`;
  return branch === undefined || branch === 'main' ? { message } : { message, branch };
}
