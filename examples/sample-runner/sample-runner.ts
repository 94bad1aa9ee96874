import { join } from 'node:path';
import {
  createRunner,
  fileStore,
  objectIn,
  type RpcCall,
  type Runner,
  type RunnerOptions,
} from '../runner-kit/index.js';
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
  // One answer: what the gateway's rules make of these paths is all that differs.
  for (const path of ['/Secret', '/Secret/Clerks', '/Secret/Admins', '/Secret/Verified']) runner.rpc(path, secret);
  addMisbehaviour(runner);
  return runner;
}

/** Greets `name`; on another branch than main it tells which. */
function hello({ parameters, requestMeta: { branch } }: RpcCall): object {
  const message = `Hello, ${textFrom(parameters['name'], 'World')}!`;
  return branch === undefined || branch === 'main' ? { message } : { message, branch };
}

/** Tells who the gateway says that calls. A runner need not ask more: who may not call does not come so far. */
function secret({ exact }: RpcCall): object {
  const { id } = objectIn(objectIn(exact, 'requestMeta'), 'origin');
  return { message: `Hello, ${textFrom(id, 'whoever you are')}: this is not for everybody.` };
}
