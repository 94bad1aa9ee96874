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
const missing = ['postgres', 'redis'].filter((name) => !env[`${name.toUpperCase()}_URL`]);
if (missing.length > 0) {
  env.SLUICE_SERVICES = mkdtempSync(join(tmpdir(), 'sluice-real-'));
  // Whatever ends this process ends the servers.
  env.SLUICE_SERVICES_PARENT = String(process.pid);
  const { code, output } = await run(services, ['start', ...missing], { cwd: ROOT, env, quiet: true });
  const urls = [...output.matchAll(/^([A-Z]+_URL)=(.*)$/gm)].map(([, name, url]) => [name, url]);
  if (code !== 0 || urls.length < missing.length)
    giveUp(`the servers of the real tests do not start:\n${output.trim()}`);
  Object.assign(env, Object.fromEntries(urls));
}
const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
const args = ['--no-warnings', '--experimental-vm-modules', jest, '--runInBand', '--testMatch', '**/*.real-spec.ts'];
const { code } = await run(node24(), [...args, ...process.argv.slice(2)], { cwd: ROOT, env });
if (env.SLUICE_SERVICES !== undefined) await run(services, ['stop'], { cwd: ROOT, env, quiet: true });
if (code !== 0) giveUp('real tests failed', code);
process.exit(0);
