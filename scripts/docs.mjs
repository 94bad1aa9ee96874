// npm run docs: writes the pages and schemas of docs/ that are made from the source. The unit tests say when they are stale.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, ROOT } from './bootstrap.mjs';

const schemaOf = (kind) => ({
  file: `schemas/${kind}.schema.json`,
  module: 'components/published-schema.js',
  render: 'renderPublishedSchema',
  of: kind,
});
const PAGES = [
  { file: 'settings.md', module: 'settings/settings-page.js', render: 'renderSettingsPage' },
  ...['system', 'channel', 'service', 'token'].map(schemaOf),
];

await ensureInstalled();
await ensureBuilt();
for (const { file, module, render, of } of PAGES) {
  const made = await import(pathToFileURL(join(ROOT, 'dist', module)).href);
  const path = join(ROOT, 'docs', file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, made[render](of));
}
process.exit(0);
