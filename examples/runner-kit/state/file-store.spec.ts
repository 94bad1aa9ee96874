import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fileStore } from './file-store.js';
import { readListQuery } from './query.js';

describe('records in a file', () => {
  const everything = readListQuery(new Map());
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'file-store-'));
    path = join(folder, 'deep', 'todo.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are found again after a restart, in the order in which they were made', async () => {
    const before = fileStore(path);
    await before.change('b', () => ({ title: 'first' }));
    await before.change('a', () => ({ title: 'second' }));
    expect(await fileStore(path).list(everything)).toEqual([
      { id: 'b', data: { title: 'first' } },
      { id: 'a', data: { title: 'second' } },
    ]);
  });

  it('keep numbers as they were written', async () => {
    await fileStore(path).change('seed', () => ({}));
    await writeFile(path, '{"records": [{"id": "a", "data": {"big": 9007199254740993, "price": 1.10}}]}');
    await fileStore(path).change('b', () => ({}));
    expect(await readFile(path, 'utf8')).toContain('{"big":9007199254740993,"price":1.10}');
  });

  it('are the old ones after a crash in the middle of a write, and the rest of that write harms nothing', async () => {
    await fileStore(path).change('a', () => ({ title: 'kept' }));
    await writeFile(`${path}.tmp`, '{"records": [{"id": "a", "da');
    const after = fileStore(path);
    expect(await after.list(everything)).toEqual([{ id: 'a', data: { title: 'kept' } }]);
    await after.change('b', () => ({}));
    expect(await fileStore(path).list(everything)).toHaveLength(2);
  });

  it('are all there after a hundred changes at once', async () => {
    const store = fileStore(path);
    await Promise.all(Array.from({ length: 100 }, (_, n) => store.change(`${n}`, () => ({ n }))));
    expect(await fileStore(path).list(everything)).toHaveLength(100);
  });

  it('stay unchanged where the change throws, and others at the same moment are made', async () => {
    const store = fileStore(path);
    const refused = store.change('a', () => {
      throw new Error('no');
    });
    const made = store.change('b', () => ({}));
    await expect(refused).rejects.toThrow('no');
    await made;
    expect(await fileStore(path).list(everything)).toEqual([{ id: 'b', data: {} }]);
  });

  it.each(['{"records": [', '{"records": [{"id": 1}]}', '[]', ''])(
    'fail with an error that names the file where it holds %s, which is left as it is',
    async (content) => {
      const store = fileStore(path);
      await store.change('a', () => ({}));
      await writeFile(path, content);
      const after = fileStore(path);
      await expect(after.list(everything)).rejects.toThrow(path);
      await expect(after.change('b', () => ({}))).rejects.toThrow(path);
      expect(await readFile(path, 'utf8')).toBe(content);
    },
  );

  it('are read once the file is repaired', async () => {
    await fileStore(path).change('a', () => ({}));
    const good = await readFile(path, 'utf8');
    await writeFile(path, 'broken');
    const store = fileStore(path);
    await expect(store.get('a')).rejects.toThrow(path);
    await writeFile(path, good);
    expect(await store.get('a')).toEqual({ id: 'a', data: {} });
  });
});
