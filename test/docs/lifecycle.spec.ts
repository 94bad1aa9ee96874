import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS, type ErrorEntry } from '../../src/errors/error-table.js';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/request-lifecycle.md'), 'utf8');
const diagram = /```mermaid\n(.*?)```/s.exec(page)![1]!;
const entries: readonly [string, ErrorEntry][] = Object.entries(ERRORS);

describe('the diagram of docs/request-lifecycle.md', () => {
  it.each(entries)('has %s with its code and status', (name, { code, status }) => {
    const exits = [...diagram.matchAll(new RegExp(`\\b${name} ([\\d/]+)`, 'g'))].map(([, shown]) => shown);
    const expected = code === status ? String(status) : `${code}/${status}`;
    expect([...new Set(exits)]).toEqual([expected]);
  });
  it('has no other error', () => {
    const named = [...diagram.matchAll(/\b([A-Z]+(?:_[A-Z]+)*) \d{3}/g)].map(([, name]) => name!);
    expect(named.filter((name) => !(name in ERRORS))).toEqual([]);
  });
});

describe('docs/request-lifecycle.md', () => {
  it('names files and folders that are there', () => {
    const gateway = join(root, 'src/gateway');
    const names = readdirSync(gateway, { recursive: true, encoding: 'utf8' });
    const named = [...page.matchAll(/`([a-z/.-]+\.ts|[a-z]+\/)`/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(15);
    for (const name of named) {
      const isThere =
        [root, join(root, 'src'), gateway].some((folder) => existsSync(join(folder, name))) ||
        names.some((path) => path.endsWith(`/${name}`));
      expect([name, isThere]).toEqual([name, true]);
    }
  });
});
