// npm test: all gates in the order of their speed, ending with the first that fails. Arguments go to jest.
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, environment24, giveUp, node24, ROOT, say } from './bootstrap.mjs';
import { run } from './processes.mjs';

async function step(name, command, args) {
  say(`${name}…`);
  const { code } = await run(command, args, { cwd: ROOT, env: environment24() });
  if (code !== 0) giveUp(`${name} failed`, code);
}

await ensureInstalled();
await step('lint', 'npm', ['run', '--silent', 'lint']);
await step('types', 'npm', ['run', '--silent', 'types']);
await ensureBuilt();
const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
await step('tests', node24(), ['--no-warnings', '--experimental-vm-modules', jest, ...process.argv.slice(2)]);
process.exit(0);
