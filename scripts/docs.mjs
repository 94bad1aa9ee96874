// npm run docs: writes the pages of docs/ that are made from the source. The unit tests say when they are stale.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, ROOT } from './bootstrap.mjs';

const PAGES = [{ file: 'settings.md', module: 'settings/settings-page.js', render: 'renderSettingsPage' }];

await ensureInstalled();
await ensureBuilt();
for (const { file, module, render } of PAGES) {
  const made = await import(pathToFileURL(join(ROOT, 'dist', module)).href);
  writeFileSync(join(ROOT, 'docs', file), made[render]());
}
process.exit(0);
