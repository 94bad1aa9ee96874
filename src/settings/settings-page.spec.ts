import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderSettingsPage } from './settings-page.js';

describe('docs/settings.md', () => {
  it('is what `npm run docs` makes of the settings classes now', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/settings.md'), 'utf8');
    expect(page).toBe(renderSettingsPage());
  });
});
