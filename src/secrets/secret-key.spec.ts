import { afterAll, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSecretKey, readOrMakeKey } from './secret-key.js';

const root = mkdtempSync(join(tmpdir(), 'sluice-key-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const aFolder = (): string => mkdtempSync(join(root, 'data-'));

describe('the text of a key', () => {
  it('is 32 bytes as they are', () => {
    expect(parseSecretKey('0123456789abcdef0123456789abcdef')).toEqual(Buffer.from('0123456789abcdef0123456789abcdef'));
    expect(parseSecretKey(' 123456789abcdef0123456789abcde ')).toHaveLength(32);
    expect(parseSecretKey('ü'.repeat(16))).toHaveLength(32);
  });
  it('is base64 of 32 bytes, in either alphabet', () => {
    const key = Buffer.alloc(32, 0xfb);
    expect(parseSecretKey(`base64:${key.toString('base64')}`)).toEqual(key);
    expect(parseSecretKey(`base64:${key.toString('base64url')}`)).toEqual(key);
  });
  it.each([
    ['', 'it has 0'],
    ['hunter2', 'it has 7'],
    ['ü'.repeat(32), 'it has 64'],
    ['base64:', 'it has 0'],
    ['base64:aHVudGVyMg==', 'it has 7'],
    [`base64:${'*'.repeat(43)}`, 'is not base64'],
  ])('is a problem otherwise: %j', (text, told) => {
    const parsed = parseSecretKey(text) as { problem: string };
    expect(parsed.problem).toContain(told);
    expect(parsed.problem).toContain('exactly 32 bytes');
    expect(parsed.problem).not.toContain('hunter2');
  });
});

describe('the key of a data folder', () => {
  it('is made once, for its owner only, and then read', async () => {
    const folder = aFolder();
    const made = await readOrMakeKey(folder);
    expect(made).toMatchObject({ generated: true, path: join(folder, 'secrets.key') });
    expect(made.key).toHaveLength(32);
    expect(statSync(made.path).mode & 0o777).toBe(0o600);
    expect(readFileSync(made.path, 'utf8')).toMatch(/^base64:\S+\n$/);
    expect(await readOrMakeKey(folder)).toEqual({ ...made, generated: false, key: Buffer.from(made.key) });
    expect(readdirSync(folder)).toEqual(['secrets.key']);
  });
  it('is the same for all that make it at once, and made by one', async () => {
    const folder = aFolder();
    const made = await Promise.all(Array.from({ length: 20 }, () => readOrMakeKey(folder)));
    expect(new Set(made.map(({ key }) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect(made.filter(({ generated }) => generated)).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['secrets.key']);
  });
  it('may be written by people, as text', async () => {
    const folder = aFolder();
    writeFileSync(join(folder, 'secrets.key'), '0123456789abcdef0123456789abcdef\n', { mode: 0o600 });
    const { key, warning } = await readOrMakeKey(folder);
    expect(Buffer.from(key).toString()).toBe('0123456789abcdef0123456789abcdef');
    expect(warning).toBeUndefined();
  });
  it('comes with a warning where others can read it', async () => {
    const folder = aFolder();
    const { path } = await readOrMakeKey(folder);
    chmodSync(path, 0o640);
    expect((await readOrMakeKey(folder)).warning).toBe(`${path} can be used by others (mode 0640); set it to 0600`);
  });
  it('is never made anew in place of a damaged one', async () => {
    const folder = aFolder();
    writeFileSync(join(folder, 'secrets.key'), 'base64:aHVudGVyMg==');
    await expect(readOrMakeKey(folder)).rejects.toThrow(/secrets\.key is damaged: .*it has 7.*Put the file back/);
    expect(readFileSync(join(folder, 'secrets.key'), 'utf8')).toBe('base64:aHVudGVyMg==');
  });
  it('is not made where there is no folder', async () => {
    await expect(readOrMakeKey(join(root, 'nowhere'))).rejects.toThrow('cannot be made');
  });
});
