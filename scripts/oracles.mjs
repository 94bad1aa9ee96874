// node scripts/oracles.mjs: plays random sequences on resilience4j itself and writes what it does to test/oracles/resilience4j/recorded.
// With --check nothing is written: it fails where what resilience4j does is not what is recorded. Needs Java 17, Maven, and Maven Central.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { giveUp, ROOT, say } from './bootstrap.mjs';
import { run } from './processes.mjs';

const ORACLE = join(ROOT, 'test', 'oracles', 'resilience4j');
const RECORDED = join(ORACLE, 'recorded');

async function step(command, args) {
  const { code } = await run(command, args, { cwd: ORACLE });
  if (code !== 0) throw new Error(`${command} failed`);
}

async function play(folder) {
  const libraries = join(folder, 'libs');
  const played = join(folder, 'played');
  mkdirSync(played);
  const goals = ['compile', 'dependency:copy-dependencies', `-DoutputDirectory=${libraries}`];
  await step('mvn', ['-q', '-B', `-Doracle.build=${folder}`, ...goals]);
  say('playing the sequences…');
  // Our classes come first: one of them stands in for resilience4j's.
  const classPath = [join(folder, 'classes'), join(libraries, '*')].join(delimiter);
  await step('java', ['-cp', classPath, 'oracle.Oracle', played]);
  return played;
}

function compare(played) {
  const differing = readdirSync(played).filter(
    (name) => readFileSync(join(played, name), 'utf8') !== readFileSync(join(RECORDED, name), 'utf8'),
  );
  if (differing.length > 0) throw new Error(`differs from what is recorded: ${differing.join(', ')}`);
  say('resilience4j does what is recorded');
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-oracles-'));
let failure = null;
try {
  const played = await play(folder);
  if (process.argv.includes('--check')) compare(played);
  else cpSync(played, RECORDED, { recursive: true });
} catch (error) {
  failure = error;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (failure !== null) giveUp(failure.message);
process.exit(0);
