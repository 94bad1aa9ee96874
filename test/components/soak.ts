import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../process/program.js';

export interface Proof {
  readonly figures: Readonly<Record<string, number>>;
  /** What was not as it must be. */
  readonly complaints: readonly string[];
}

/** One of the proofs that `npm run soak` gives at length, in a short form. */
export async function proofOf(name: string, swaps = 1, lengths: readonly string[] = []): Promise<Proof> {
  const args = [join(ROOT, 'test/soak/run.mjs'), '--only', name, '--swaps', String(swaps), ...lengths, '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  await once(child, 'close');
  const proof = out === '' ? undefined : (JSON.parse(out) as Record<string, Proof>)[name];
  if (proof === undefined) throw new Error(`The proof ${name} said nothing:\n${err}`);
  return proof;
}
