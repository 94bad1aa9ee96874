#!/usr/bin/env node
// The command line, `npx sluice` or `npm run sluice --`. In a checkout without a build it makes one first.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { callersFolder, ensureBuilt, ensureInstalled, giveUp, node24, ROOT } from './bootstrap.mjs';
import { run } from './processes.mjs';

const program = join(ROOT, 'dist', 'cli', 'sluice.js');
if (!existsSync(program)) {
  if (!existsSync(join(ROOT, 'src'))) giveUp(`${program} is missing, and there is no source to build it from`);
  await ensureInstalled();
  await ensureBuilt();
}
const { code } = await run(node24(), ['--enable-source-maps', program, ...process.argv.slice(2)], {
  cwd: callersFolder('sluice.mjs'),
});
process.exit(code);
