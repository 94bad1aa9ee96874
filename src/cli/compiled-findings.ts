import type { ComponentSet, Finding } from '../contracts/components.js';

/** What else is wrong once the records are put together: the gateway's compiler. */
export type Compile = (set: ComponentSet) => Promise<readonly Finding[]>;

/** What the gateway's compiler finds in a set: nothing is opened. Loaded when it is asked for, since no other command needs it. */
export async function compiledFindings(set: ComponentSet): Promise<readonly Finding[]> {
  await import('reflect-metadata');
  const [{ checkComponents }, { SampleLocalRunner }] = await Promise.all([
    import('../gateway/check-components.js'),
    import('../demo/sample-local-runner.js'),
  ]);
  return checkComponents(set, { sample: new SampleLocalRunner('') });
}
