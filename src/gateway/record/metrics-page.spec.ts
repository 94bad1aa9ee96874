import { afterAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Metrics } from '../../observability/metrics.js';
import { RequestMetrics } from './request-metrics.js';

const src = join(import.meta.dirname, '../..');
const page = readFileSync(join(src, '../docs/metrics.md'), 'utf8');
const metrics = new Metrics('admin-prod');
const ofTheProcess = await metrics.text();
new RequestMetrics(metrics, () => 0);
afterAll(() => metrics.close());

/** Names of the first column of the page's tables. */
const documented = [...page.matchAll(/^\| `([a-z0-9_]+)`/gm)].map(([, name]) => name!);
/** Every metric that the sources name. */
function inSources(): string[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
  const names = files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('spec.ts'))
    .flatMap((file) => [...readFileSync(join(src, file), 'utf8').matchAll(/'(sluice_[a-z_]+)',/g)])
    .map(([, name]) => name!);
  return [...new Set(names)];
}
const namesIn = (text: string): string[] => [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);

describe('docs/metrics.md', () => {
  it('lists each metric of ours, and no other', () => {
    expect(documented.filter((name) => name.startsWith('sluice_')).sort()).toEqual(inSources().sort());
  });
  it('lists each metric of the process, and no other', () => {
    expect(documented.filter((name) => !name.startsWith('sluice_')).sort()).toEqual(namesIn(ofTheProcess).sort());
  });
  it('lists each metric once', () => {
    expect(documented).toHaveLength(new Set(documented).size);
  });
  it('names the labels that the requests are counted by', async () => {
    for (const name of namesIn(await metrics.text()).filter((one) => one.startsWith('sluice_')))
      expect(documented).toContain(name);
  });
});
