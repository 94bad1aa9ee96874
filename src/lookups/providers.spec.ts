import { afterAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentProvider } from './environment.provider.js';
import { FilesProvider } from './files.provider.js';
import { ProviderAway } from './lookup-provider.js';
import { PropertiesProvider } from './properties.provider.js';

const root = mkdtempSync(join(tmpdir(), 'sluice-lookups-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function aFolder(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(root, 'files-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

describe('the environment', () => {
  const provider = new EnvironmentProvider({ 'a.b': 'dotted', A_B: 'upper', A_C: 'c', EMPTY: '', HOME: '/root' });

  it('has a.b as variable a.b, else as A_B', async () => {
    expect(await provider.read('a.b')).toBe('dotted');
    expect(await provider.read('a.c')).toBe('c');
    expect(await provider.read('HOME')).toBe('/root');
  });
  it.each(['EMPTY', 'empty', 'none', '__proto__', 'constructor'])('has nothing for %s', async (path) => {
    expect(await provider.read(path)).toBeNull();
  });
  it('says where it looks', () => {
    expect(provider.where('a.b')).toBe('environment variable a.b or A_B');
    expect(provider.where('HOME')).toBe('environment variable HOME');
  });
});

describe('a folder of files', () => {
  it('has a.b.c as file a.b.c, else as a/b/c', async () => {
    const provider = new FilesProvider(aFolder({ 'a.b.c': 'flat', 'a/b/c': 'deep', 'a/b/d': 'deep d', e: 'e' }));
    expect(await provider.read('a.b.c')).toBe('flat');
    expect(await provider.read('a.b.d')).toBe('deep d');
    expect(await provider.read('e')).toBe('e');
    expect(await provider.read('a/b/c')).toBe('deep');
  });
  it('drops one line break at the end', async () => {
    const provider = new FilesProvider(aFolder({ a: 'x\n', b: 'x\r\n', c: '\nx\n\n', d: '' }));
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((path) => provider.read(path)))).toEqual(['x', 'x', '\nx\n', '']);
  });
  it('follows the links of a Kubernetes mount, also once it has changed', async () => {
    const folder = aFolder({ '..v1/password': 'one', '..v2/password': 'two' });
    symlinkSync('..v1', join(folder, '..data'));
    symlinkSync('..data/password', join(folder, 'password'));
    const provider = new FilesProvider(folder);
    expect(await provider.read('password')).toBe('one');
    symlinkSync('..v2', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    expect(await provider.read('password')).toBe('two');
  });
  it('may itself be a link', async () => {
    const link = join(root, 'link');
    symlinkSync(aFolder({ a: 'x' }), link);
    expect(await new FilesProvider(link).read('a')).toBe('x');
  });
  it('has nothing beyond it', async () => {
    const outside = aFolder({ secret: 'x', 'in/a': 'x' });
    const provider = new FilesProvider(join(outside, 'in'));
    const paths = ['../secret', '..', '.', 'a/../../secret', join(outside, 'secret'), 'a\0', '..secret', '//a', 'a.'];
    for (const path of paths) expect(await provider.read(path)).toBeNull();
    symlinkSync(join(outside, 'secret'), join(outside, 'in/out'));
    await expect(provider.read('out')).rejects.toThrow('leads out of the folder');
  });
  it('has nothing in folders, missing files and pipes', async () => {
    const folder = aFolder({ 'a/b': 'x', file: 'x' });
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const provider = new FilesProvider(folder);
    for (const path of ['a', 'none', 'file.b', 'pipe', 'x'.repeat(300)]) expect(await provider.read(path)).toBeNull();
  });
  it('is away where a file is too large or no text, and shows none of it', async () => {
    const provider = new FilesProvider(aFolder({ big: 'hunter2'.repeat(200_000), raw: Buffer.from([0xff, 0xfe]) }));
    await expect(provider.read('big')).rejects.toThrow(/big .*larger than 1 MiB$/);
    await expect(provider.read('raw')).rejects.toThrow('not UTF-8');
    expect(await new FilesProvider(aFolder({ full: 'x'.repeat(1_048_576) })).read('full')).toHaveLength(1_048_576);
  });
  it('is away where there is no folder', async () => {
    await expect(new FilesProvider(join(root, 'nowhere')).read('a')).rejects.toThrow(ProviderAway);
  });
});

describe('a properties file', () => {
  it('has values by name', async () => {
    const provider = new PropertiesProvider(join(aFolder({ 'a.properties': 'a.b = x\\u0041\nc: \n' }), 'a.properties'));
    expect(await provider.read('a.b')).toBe('xA');
    expect(await provider.read('c')).toBe('');
    expect(await provider.read('d')).toBeNull();
  });
  it('is read again once it has changed', async () => {
    const file = join(aFolder({ 'a.properties': 'a=1' }), 'a.properties');
    const provider = new PropertiesProvider(file);
    expect(await provider.read('a')).toBe('1');
    writeFileSync(file, 'a=2');
    utimesSync(file, 1, 1);
    expect(await provider.read('a')).toBe('2');
  });
  it('is away where it is missing or cannot be read, and back once it can', async () => {
    const file = join(aFolder({}), 'a.properties');
    const provider = new PropertiesProvider(file);
    await expect(provider.read('a')).rejects.toThrow('it does not exist');
    writeFileSync(file, 'a=\\uhunter2');
    await expect(provider.read('a')).rejects.toThrow('four hex digits');
    await expect(provider.read('a')).rejects.not.toThrow('hunter2');
    writeFileSync(file, 'a=fine');
    expect(await provider.read('a')).toBe('fine');
  });
});
