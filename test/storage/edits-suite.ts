import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { EditOptions, EditOutcome, GivenRecord } from '../../src/components/database/component-edits.js';
import type { LazyDatabase } from '../../src/storage/lazy-database.js';
import { AesSecretBox, DatabaseEdits, storedRecords, type Box, type OpenDatabase } from './built.js';
import { KEY, OTHER_KEY, type DatabasePlace } from './database-place.js';

const MASK = '********';
const HUSH = 'hunter2-hunter2';

export const aSystem = (id: string, parameters: object = {}): GivenRecord => ({
  kind: 'system',
  id,
  data: { executor: 'rpc', parameters: { 'server.baseUrl': 'http://127.0.0.1:1', ...parameters } },
});

export const editsOn = (
  database: OpenDatabase,
  box: Box = new AesSecretBox([KEY]),
): InstanceType<typeof DatabaseEdits> =>
  new DatabaseEdits({ database: database as unknown as LazyDatabase, box, gatewayId: 'default' });

/** Bringing records into the database and back. */
export function editsSuite(aPlace: () => Promise<DatabasePlace>): void {
  let place: DatabasePlace;
  let database: OpenDatabase;
  let source: DataSource;
  let edits: InstanceType<typeof DatabaseEdits>;
  beforeAll(async () => {
    place = await aPlace();
    database = place.open();
    source = await database.open();
    edits = editsOn(database);
  });
  afterAll(async () => {
    await database.close();
    await place.remove();
  });
  beforeEach(async () => {
    await source.query('DELETE FROM components');
  });

  const changes = async (records: readonly GivenRecord[], options?: EditOptions): Promise<string[]> => {
    const outcome = await edits.apply(records, options);
    if (outcome.state !== 'done') throw new Error(JSON.stringify(outcome));
    return [
      ...outcome.changes.map(({ change, id, pointers }) => [change, id, ...pointers].join(' ')),
      `${outcome.unchanged} unchanged`,
    ];
  };
  const faults = (outcome: EditOutcome): string[] =>
    outcome.findings
      .filter(({ severity }) => severity === 'fault')
      .map(({ id, pointer, message }) => `${id} ${pointer} ${message}`);
  const stored = async (id: string): Promise<string> =>
    (await source.query<{ text: string }[]>('SELECT data::text AS text FROM components WHERE id = $1', [id]))[0]
      ?.text ?? 'nothing';
  const all = async (): Promise<string> =>
    JSON.stringify(await source.query('SELECT * FROM components ORDER BY kind, id'));
  const dumped = async (id: string): Promise<Readonly<Record<string, unknown>> | undefined> =>
    (await edits.dump()).systems.find((record) => record.id === id)?.data;

  describe('an apply', () => {
    it('tells what is new, what changed and where, and what is the same', async () => {
      expect(await changes([aSystem('a'), aSystem('b')])).toEqual(['added a', 'added b', '0 unchanged']);
      expect(await changes([aSystem('a'), aSystem('b', { 'server.timeout': 5 })])).toEqual([
        'changed b /parameters/server.timeout',
        '1 unchanged',
      ]);
    });
    it('leaves what was not given, unless it prunes', async () => {
      await changes([aSystem('a'), aSystem('b')]);
      expect(await changes([aSystem('b')])).toEqual(['1 unchanged']);
      expect(await changes([aSystem('b')], { prune: true })).toEqual(['removed a', '1 unchanged']);
      expect((await edits.dump()).systems.map(({ id }) => id)).toEqual(['b']);
    });
    it('that is a dry run tells the same and writes nothing', async () => {
      await changes([aSystem('a'), aSystem('b')]);
      const [before, revision] = [await all(), await storedRecords.revision(source.manager)];
      const given = [aSystem('b', { 'server.timeout': 5 }), aSystem('c')];
      const told = await changes(given, { dryRun: true, prune: true });
      expect([await all(), await storedRecords.revision(source.manager)]).toEqual([before, revision]);
      expect(await changes(given, { prune: true })).toEqual(told);
    });
    it('of what is stored already writes nothing', async () => {
      await changes([aSystem('a', { token: HUSH })]);
      const [before, revision] = [await all(), await storedRecords.revision(source.manager)];
      expect(await changes([aSystem('a', { token: HUSH })])).toEqual(['1 unchanged']);
      expect([await all(), await storedRecords.revision(source.manager)]).toEqual([before, revision]);
    });
    it('that is refused writes nothing, and tells every fault', async () => {
      const before = await all();
      const outcome = await edits.apply([
        aSystem('good'),
        { kind: 'channel', id: 'bad', data: { paths: 5 } },
        { kind: 'token', id: 'worse', data: { expiration: 'soon' } },
      ]);
      expect(outcome.state).toBe('refused');
      expect(faults(outcome).map((fault) => fault.split(' ', 2).join(' '))).toEqual(
        expect.arrayContaining(['bad /paths', 'worse /expiration']),
      );
      expect(await all()).toBe(before);
    });
    it('that names a record twice is refused', async () => {
      const outcome = await edits.apply([aSystem('a'), aSystem('a')]);
      expect([outcome.state, faults(outcome)]).toEqual([
        'refused',
        ['a  The system a was given more than once. Keep one.'],
      ]);
    });
    it('waits for another, and none is lost', async () => {
      const both = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          edits.apply([aSystem('shared', { 'server.timeout': index + 1 }), aSystem(`own${index}`)]),
        ),
      );
      expect(both.map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'done'));
      expect((await edits.dump()).systems).toHaveLength(11);
    });
    it('of many records is one transaction and one revision of what others see', async () => {
      await changes(Array.from({ length: 500 }, (_, index) => aSystem(`s${index}`, { token: `${HUSH}${index}` })));
      expect((await edits.dump()).systems).toHaveLength(500);
    });
  });

  describe('the mask', () => {
    it('keeps the secret that is stored', async () => {
      await changes([aSystem('a', { token: HUSH })]);
      const before = await stored('a');
      expect(await changes([aSystem('a', { token: MASK })])).toEqual(['1 unchanged']);
      expect(await changes([aSystem('a', { token: MASK, 'server.timeout': 5 })])).toEqual([
        'changed a /parameters/server.timeout',
        '0 unchanged',
      ]);
      expect(await changes([aSystem('a', { token: HUSH, 'server.timeout': 5 })])).toEqual(['1 unchanged']);
      expect(before).not.toContain(HUSH);
    });
    it('with nothing stored is a fault, and nothing is written', async () => {
      const outcome = await edits.apply([aSystem('new', { token: MASK }), aSystem('other')]);
      expect([outcome.state, faults(outcome)]).toEqual([
        'refused',
        [expect.stringMatching(/^new \/parameters\/token .*nothing is stored here/)],
      ]);
      expect(await stored('other')).toBe('nothing');
    });
    it('stands in a dump, which brings everything back when it is applied', async () => {
      await changes([
        aSystem('a', { token: HUSH, 'server.header.X': HUSH, 'server.baseUrl': `http://me:${HUSH}@127.0.0.1:1` }),
      ]);
      const dump = await edits.dump();
      expect(JSON.stringify(dump)).not.toContain(HUSH);
      expect(JSON.stringify(dump)).not.toContain('sealed:');
      const given = dump.systems.map(({ id, data }): GivenRecord => ({ kind: 'system', id, data }));
      expect(await changes(given, { prune: true })).toEqual(['1 unchanged']);
    });
  });

  describe('a record in the form of the original', () => {
    const ORIGINAL: GivenRecord = {
      kind: 'system',
      id: 'o',
      data: {
        executorClass: 'com.rierino.api.gateway.executor.RPCExecutor',
        status: 'A',
        parameters: [
          { key: 'server.baseUrl', value: 'http://127.0.0.1:1' },
          { key: 'token', value: HUSH },
        ],
      },
    };
    it('is stored as it is given', async () => {
      await changes([ORIGINAL]);
      expect(JSON.parse(await stored('o'))).toMatchObject({ executorClass: ORIGINAL.data['executorClass'] });
      expect(await stored('o')).not.toContain(HUSH);
    });
    it('is stored in ours where that is asked for', async () => {
      await changes([ORIGINAL]);
      await changes([ORIGINAL], { normalize: true });
      const ours = JSON.parse(await stored('o')) as Record<string, unknown>;
      expect(ours).not.toHaveProperty('executorClass');
      expect(ours).toMatchObject({ parameters: { 'server.baseUrl': 'http://127.0.0.1:1' } });
      expect(await changes([ORIGINAL], { normalize: true })).toEqual(['1 unchanged']);
      expect(await dumped('o')).toMatchObject({ executor: 'rpc', status: 'ACTIVE', parameters: { token: MASK } });
    });
    it('keeps its secret under the mask when it is brought into ours', async () => {
      await changes([ORIGINAL]);
      const masked = {
        ...ORIGINAL,
        data: {
          ...ORIGINAL.data,
          parameters: [
            { key: 'server.baseUrl', value: 'http://127.0.0.1:1' },
            { key: 'token', value: MASK },
          ],
        },
      };
      await changes([masked], { normalize: true });
      expect(await changes([ORIGINAL], { normalize: true })).toEqual(['1 unchanged']);
    });
  });

  describe('secrets at rest', () => {
    it('are sealed, numbers too, and lookups stay readable', async () => {
      await changes([aSystem('a', { token: HUSH, 'server.secret': 123456789, clientSecret: '#{{my.secret}}' })]);
      const text = await stored('a');
      expect(text).not.toContain(HUSH);
      expect(text).not.toContain('123456789');
      expect(text).toContain('#{{my.secret}}');
    });
    it.each([
      [
        'damaged',
        (text: string) =>
          text.replace(/(sealed:1:[^"]{30})(.)/, (_, head: string, one: string) => head + (one === 'A' ? 'B' : 'A')),
      ],
      ['cut short', (text: string) => text.replace(/(sealed:1:[^"]{70})[^"]*/, '$1')],
    ])('that are %s concern their record alone, which can be written anew', async (_, damage) => {
      await changes([aSystem('a', { token: HUSH }), aSystem('b', { token: HUSH })]);
      await source.query(`UPDATE components SET data = $1 WHERE id = 'a'`, [damage(await stored('a'))]);
      expect(await dumped('a')).toMatchObject({ executor: 'rpc', parameters: { token: MASK } });
      expect(await dumped('b')).toMatchObject({ parameters: { token: MASK } });
      expect(faults(await edits.apply([aSystem('a', { token: MASK })]))).toEqual([
        expect.stringContaining('nothing is stored here'),
      ]);
      expect(await changes([aSystem('b', { token: MASK, 'server.timeout': 5 })])).toEqual([
        'changed b /parameters/server.timeout',
        '0 unchanged',
      ]);
      expect(await changes([aSystem('a', { token: HUSH })])).toEqual(['changed a /parameters/token', '0 unchanged']);
      expect(await changes([aSystem('a', { token: HUSH })])).toEqual(['1 unchanged']);
    });
    it('that were moved to another record are not its own', async () => {
      await changes([aSystem('a', { token: HUSH }), aSystem('b')]);
      await source.query(`UPDATE components SET data = $1 WHERE id = 'b'`, [await stored('a')]);
      expect(faults(await edits.apply([aSystem('b', { token: MASK })]))).toEqual([
        expect.stringContaining('nothing is stored here'),
      ]);
    });
    it('are sealed anew with a new key, and open without the key before', async () => {
      await changes([aSystem('a', { token: HUSH }), aSystem('b')]);
      const unsealed = await stored('b');
      const [next, both] = [new AesSecretBox([OTHER_KEY]), new AesSecretBox([OTHER_KEY, KEY])];
      await source.query('INSERT INTO encryption_keys (fingerprint) VALUES ($1)', [next.fingerprint]);
      expect(await editsOn(database, both).reencrypt()).toBe(1);
      expect(await stored('a')).toContain(next.fingerprint);
      expect(await stored('b')).toBe(unsealed);
      expect(await source.query('SELECT fingerprint FROM encryption_keys')).toEqual([
        { fingerprint: next.fingerprint },
      ]);
      const outcome = await editsOn(database, next).apply([aSystem('a', { token: HUSH })]);
      expect(outcome).toMatchObject({ state: 'done', unchanged: 1 });
      await editsOn(database, new AesSecretBox([KEY, OTHER_KEY])).reencrypt();
      await source.query('INSERT INTO encryption_keys (fingerprint) VALUES ($1) ON CONFLICT DO NOTHING', [
        new AesSecretBox([KEY]).fingerprint,
      ]);
    });
    it('that cannot be opened keep the keys from being changed', async () => {
      await changes([aSystem('a', { token: HUSH }), aSystem('b', { token: HUSH })]);
      await source.query(`UPDATE components SET data = $1 WHERE id = 'b'`, [await stored('a')]);
      const before = await all();
      await expect(edits.reencrypt()).rejects.toThrow('Nothing was written: secrets of system b cannot be opened.');
      expect(await all()).toBe(before);
    });
  });
}
