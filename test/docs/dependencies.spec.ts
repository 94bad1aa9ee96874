import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

type Versions = Readonly<Record<string, string>>;
interface Manifest {
  readonly dependencies: Versions;
  readonly devDependencies: Versions;
  readonly optionalDependencies: Versions;
  readonly overrides: Versions;
}
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const page = readFileSync(join(root, 'docs/dependencies.md'), 'utf8');

/** Rows `| name | version | reason |` below a heading. */
function rowsBelow(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const SECTIONS = [
  ['Run time', manifest.dependencies],
  ['Development', manifest.devDependencies],
  ['Optional', manifest.optionalDependencies],
  ['Overrides', manifest.overrides],
] as const;

describe('docs/dependencies.md', () => {
  describe.each(SECTIONS)('under "%s"', (heading, versions) => {
    const rows = rowsBelow(heading);

    it.each(Object.entries(versions))('has %s %s', (name, version) => {
      expect(rows.find(([first]) => first === `\`${name}\``)?.[1]).toBe(version);
    });
    it('has nothing else', () => {
      expect(rows.map(([name]) => name!.slice(1, -1)).sort()).toEqual(Object.keys(versions).sort());
    });
    it('says of each why', () => {
      for (const [name, , reason] of rows) expect([name, (reason ?? '').length > 20]).toEqual([name, true]);
    });
  });
});

describe('package.json', () => {
  it('names exact versions', () => {
    for (const [, versions] of SECTIONS)
      for (const [name, version] of Object.entries(versions))
        expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
  });
});
