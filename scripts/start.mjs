// npm start: installs and builds if need be, then runs the gateway where npm was called. What follows `--` goes to it.
import { join } from 'node:path';
import { callersFolder, ensureBuilt, ensureInstalled, node24, ROOT } from './bootstrap.mjs';
import { run } from './processes.mjs';

await ensureInstalled();
await ensureBuilt();
const { code } = await run(
  node24(),
  // A small young generation keeps collections short while many records are loaded (docs/performance.md).
  ['--max-semi-space-size=4', '--enable-source-maps', join(ROOT, 'dist', 'main.js'), ...process.argv.slice(2)],
  {
    cwd: callersFolder('start.mjs'),
    env: { ...process.env, SLUICE_STARTED_BY: 'npm-start' },
  },
);
process.exit(code);
