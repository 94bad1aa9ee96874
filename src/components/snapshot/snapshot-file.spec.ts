import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pausesDuring } from '../../../test/support/pauses.js';
import { aComponent } from '../../../test/support/some-components.js';
import type { Component } from '../../contracts/components.js';
import { COMPONENT_KINDS } from '../../contracts/records.js';
import { AesSecretBox } from '../../secrets/aes-secret-box.js';
import type { SecretBox } from '../../secrets/secret-box.js';
import { readSnapshot, SnapshotTooLarge, writeSnapshot } from './snapshot-file.js';

const aBox = (...bytes: [number, ...number[]]) =>
  new AesSecretBox(bytes.map((byte) => Buffer.alloc(32, byte)) as unknown as [Buffer]);
const box = aBox(1);
const savedAt = new Date('2026-01-02T03:04:05.678Z');
const reader = { gatewayId: 'shop', box };
let home: string;
let path: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-snapshot-'));
  path = join(home, 'snapshot.json');
});
afterAll(() => rmSync(home, { recursive: true }));

const aSystem = (id: string, description = ''): Component =>
  aComponent('system', id, { executor: 'rpc', description, parameters: { token: 'hunter2-hunter2' } });
const write = (components: readonly Component[], by: SecretBox = box, at = path) =>
  writeSnapshot(at, { gatewayId: 'shop', savedAt, components }, by);
async function reasonOf(): Promise<string> {
  const reading = await readSnapshot(path, reader);
  return reading.state === 'unusable' ? reading.reason : `It is ${reading.state}.`;
}
/** A component a chunk. */
const long = Array.from({ length: 5 }, (_, index) => aSystem(`s${index}`, 'x'.repeat(40_000)));

describe('a snapshot', () => {
  it('gives back what was written: every field of each component', async () => {
    const component = fc.record(
      {
        kind: fc.constantFrom(...COMPONENT_KINDS),
        id: fc.string({ minLength: 1 }),
        version: fc.string(),
        record: fc.dictionary(fc.string(), fc.jsonValue()),
        stored: fc.dictionary(fc.string(), fc.jsonValue()),
        active: fc.boolean(),
        file: fc.string({ unit: 'grapheme' }),
      },
      { requiredKeys: ['kind', 'id', 'version', 'record', 'active'] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(component), async (components) => {
        await write(components);
        const reading = await readSnapshot(path, reader);
        expect(JSON.stringify(reading)).toBe(JSON.stringify({ state: 'read', savedAt, components, warning: null }));
      }),
    );
  });
  it('leaves out what never was good', async () => {
    await write([aSystem('a'), aComponent('system', 'b', null)]);
    expect(await readSnapshot(path, reader)).toMatchObject({ state: 'read', components: [{ id: 'a' }] });
  });
  it('begins with a line that anyone may read, and shows nothing of a record', async () => {
    await write([aSystem('the-id', 'a name')]);
    const text = readFileSync(path, 'utf8');
    expect(JSON.parse(text.split('\n')[0]!)).toEqual({
      format: 1,
      product: 'sluice',
      gateway: 'shop',
      savedAt: savedAt.toISOString(),
      key: box.fingerprint,
      records: 1,
    });
    for (const hidden of [
      'hunter2',
      'the-id',
      'a name',
      Buffer.from('hunter2-hunter2').toString('base64').slice(2, 16),
    ]) {
      expect(text).not.toContain(hidden);
    }
  });
  it('is there for the user of the gateway alone, in a folder made for it', async () => {
    const below = join(home, 'a/b/snapshot.json');
    await write([aSystem('a')], box, below);
    const modes = [below, join(home, 'a/b'), join(home, 'a')].map((made) => statSync(made).mode & 0o777);
    expect(modes).toEqual([0o600, 0o700, 0o700]);
  });
  it('is used with a warning where others may read it', async () => {
    await write([aSystem('a')]);
    chmodSync(path, 0o644);
    expect(await readSnapshot(path, reader)).toMatchObject({
      state: 'read',
      warning: `The snapshot ${path} can be used by others (mode 0644); set it to 0600.`,
    });
  });
  it('is opened with the previous key too', async () => {
    await write([aSystem('a')]);
    expect(await readSnapshot(path, { gatewayId: 'shop', box: aBox(2, 1) })).toMatchObject({ state: 'read' });
  });
  it('of 10,000 records and 20 MB is written and read without holding up the event loop', async () => {
    const components = Array.from({ length: 10_000 }, (_, index) => aSystem(`s${index}`, 'x'.repeat(2000)));
    const pauses = await pausesDuring(async () => {
      await write(components);
      expect(await readSnapshot(path, reader)).toMatchObject({ state: 'read', components: { length: 10_000 } });
    });
    expect(statSync(path).size).toBeGreaterThan(20_000_000);
    expect(Math.max(...pauses)).toBeLessThan(200);
    expect(pauses.filter((ms) => ms > 20).length).toBeLessThanOrEqual(10);
  });
});

describe('a snapshot that cannot be used', () => {
  it('is none where there is no file', async () => {
    expect(await readSnapshot(join(home, 'missing/file'), reader)).toEqual({ state: 'none' });
  });
  it('is told wherever one byte is another', async () => {
    await write(long);
    const whole = readFileSync(path);
    const lastCharacter = whole.length - 2;
    const place = fc.oneof(
      fc.nat(whole.length - 1),
      fc.nat(200),
      fc.nat(200).map((back) => whole.length - 1 - back),
    );
    await fc.assert(
      // The last character of base64 has bits that mean nothing.
      fc.asyncProperty(
        place.filter((at) => at !== lastCharacter),
        fc.integer({ min: 1, max: 255 }),
        async (at, bits) => {
          const other = Buffer.from(whole);
          other[at]! ^= bits;
          writeFileSync(path, other);
          expect(await readSnapshot(path, reader)).toMatchObject({
            state: 'unusable',
            reason: expect.stringContaining(path),
          });
        },
      ),
      { numRuns: 300 },
    );
  });
  it('is told wherever it is cut', async () => {
    await write(long);
    const whole = readFileSync(path);
    const ends = [...whole.toString('latin1').matchAll(/\n/g)].map(({ index }) => index + 1).slice(0, -1);
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.nat(whole.length - 1), fc.constantFrom(...ends)), async (length) => {
        writeFileSync(path, whole.subarray(0, length));
        expect(await reasonOf()).toContain(length < 10 && length > 0 ? 'not a snapshot' : 'is truncated');
      }),
    );
  });
  it('is told wherever lines are missing, exchanged or there twice', async () => {
    await write(long);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const places = fc.array(fc.nat(lines.length - 1), { maxLength: lines.length + 2 });
    await fc.assert(
      fc.asyncProperty(places, async (order) => {
        fc.pre(order.join() !== lines.map((_, index) => index).join());
        writeFileSync(path, order.map((index) => `${lines[index]}\n`).join(''));
        expect(await readSnapshot(path, reader)).toMatchObject({ state: 'unusable' });
      }),
      { numRuns: 300 },
    );
  });
  it('is told where a line comes from another one of the same moment', async () => {
    await write(long);
    const theirs = readFileSync(path, 'utf8').split('\n');
    await write(long.map((component) => ({ ...component, version: '2' })));
    const ours = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, ours.with(2, theirs[2]!).join('\n'));
    expect(await reasonOf()).toBe(`The snapshot ${path} is damaged: its parts do not belong together.`);
  });
  it('is told where its first line claims something else', async () => {
    await write([aSystem('a')]);
    const [first = '', ...others] = readFileSync(path, 'utf8').split('\n');
    const claiming = async (claim: object) => {
      writeFileSync(path, [JSON.stringify({ ...JSON.parse(first), ...claim }), ...others].join('\n'));
      return reasonOf();
    };
    expect(await claiming({ format: 2 })).toBe(
      `The snapshot ${path} was made by a newer release (format 2; this release reads format 1); start that release.`,
    );
    expect(await claiming({ gateway: 'other' })).toBe(
      `The snapshot ${path} is of the gateway "other", and this is "shop"; set a config.snapshot.path of its own for each gateway.`,
    );
    expect(await claiming({ savedAt: '2026-01-02T03:04:06.000Z' })).toContain('line 2 cannot be opened');
    expect(await claiming({ records: 2 })).toContain('its parts do not belong together');
    expect(await claiming({ format: 0 })).toContain('is damaged');
    expect(await claiming({ product: 'other' })).toContain('is not a snapshot of components');
  });
  it('names both keys where another one sealed it', async () => {
    await write([aSystem('a')], aBox(3));
    expect(await reasonOf()).toBe(
      `The snapshot ${path} was sealed with the key "${aBox(3).fingerprint}", and this gateway has "${box.fingerprint}"; ` +
        'set secrets.key or secrets.key.previous to the key that sealed it.',
    );
  });
  it('is told where something else is in its place', async () => {
    for (const text of ['hello', '{"a":1}\n', 'null\n', '[]\n']) {
      writeFileSync(path, text);
      expect(await reasonOf()).toContain('is not a snapshot of components; config.snapshot.path may name another file');
    }
    expect(await readSnapshot(home, reader)).toMatchObject({ reason: `The snapshot ${home} is not a file.` });
    expect(await readSnapshot(join(path, 'below'), reader)).toMatchObject({
      reason: expect.stringContaining('ENOTDIR'),
    });
  });
  it('is told, and not read, where it is beyond the bounds', async () => {
    writeFileSync(path, '');
    for (const bytes of [17 * 1024 * 1024, 257 * 1024 * 1024]) {
      truncateSync(path, bytes);
      expect(await reasonOf()).toContain('beyond 256 MiB, or a line beyond 16 MiB');
    }
    rmSync(path);
  });
});

describe('a write of a snapshot', () => {
  it('that fails in the middle leaves the old one whole, and nothing beside it', async () => {
    await write([aSystem('old')]);
    const files = readdirSync(home);
    const failing = new FailingBox([Buffer.alloc(32, 1)]);
    await expect(write(long, failing)).rejects.toThrow('no more');
    await expect(write([aSystem('a', 'x'.repeat(17_000_000))])).rejects.toThrow(SnapshotTooLarge);
    expect(readdirSync(home)).toEqual(files);
    expect(await readSnapshot(path, reader)).toMatchObject({ state: 'read', components: [{ id: 'old' }] });
  });
  it('where a folder has its name leaves nothing either', async () => {
    const folder = join(home, 'folder');
    mkdirSync(join(folder, 'inside'), { recursive: true });
    await expect(write([aSystem('a')], box, folder)).rejects.toMatchObject({ syscall: 'rename' });
    expect(readdirSync(home).filter((name) => name.startsWith('folder'))).toEqual(['folder']);
  });
  it('removes what killed processes left more than an hour ago, and nothing else', async () => {
    const names = ['.1-0123456789ab.part', '.2-0123456789ab.part', '.old', '.1-0123456789ab.part.txt'];
    const [old = '', young = '', ...others] = names.map((end) => `${path}${end}`);
    const longAgo = Date.now() / 1000 - 3700;
    for (const file of [old, young, ...others]) {
      writeFileSync(file, '');
      if (file !== young) utimesSync(file, longAgo, longAgo);
    }
    await write([aSystem('a')]);
    expect(existsSync(old)).toBe(false);
    expect([young, ...others].map((file) => existsSync(file))).toEqual([true, true, true]);
    for (const file of [young, ...others]) rmSync(file);
  });
  it('beside others gives one of them, whole', async () => {
    const at = join(home, 'new/folder/snapshot.json');
    const versions = ['1', '2', '3', '4', '5', '6'];
    await Promise.all(
      versions.map((version) =>
        write(
          long.map((one) => ({ ...one, version })),
          box,
          at,
        ),
      ),
    );
    const reading = await readSnapshot(at, reader);
    if (reading.state !== 'read') throw new Error(`It is ${reading.state}.`);
    expect(reading.components).toHaveLength(long.length);
    expect(new Set(reading.components.map(({ version }) => version)).size).toBe(1);
    expect(readdirSync(join(home, 'new/folder'))).toEqual([basename(at)]);
  });
});

class FailingBox extends AesSecretBox {
  private seals = 0;
  override seal(text: string, context: string): string {
    if (++this.seals > 3) throw new Error('no more');
    return super.seal(text, context);
  }
}
