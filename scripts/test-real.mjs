// npm run test:real: the tests that need real servers (*.real-spec.ts), with the servers. Arguments go to jest.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, environment24, giveUp, node24, ROOT } from './bootstrap.mjs';
import { run } from './processes.mjs';

await ensureInstalled();
await ensureBuilt();
const env = environment24();
const services = join(ROOT, 'scripts', 'services');
if (!env.POSTGRES_URL) {
  env.SLUICE_SERVICES = mkdtempSync(join(tmpdir(), 'sluice-real-'));
  // Whatever ends this process ends the servers.
  env.SLUICE_SERVICES_PARENT = String(process.pid);
  const { code, output } = await run(services, ['start', 'postgres'], { cwd: ROOT, env, quiet: true });
  const url = /^POSTGRES_URL=(.*)$/m.exec(output)?.[1];
  if (code !== 0 || url === undefined) giveUp(`the servers of the real tests do not start:\n${output.trim()}`);
  env.POSTGRES_URL = url;
}
const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
const args = ['--no-warnings', '--experimental-vm-modules', jest, '--runInBand', '--testMatch', '**/*.real-spec.ts'];
const { code } = await run(node24(), [...args, ...process.argv.slice(2)], { cwd: ROOT, env });
if (env.SLUICE_SERVICES !== undefined) await run(services, ['stop'], { cwd: ROOT, env, quiet: true });
if (code !== 0) giveUp('real tests failed', code);
process.exit(0);
