import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { SteadyLoad } from '../process/steady-load.js';
import { TestBackend } from '../support/backend.js';
import { aStoredChannel } from './control.js';
import { aPostgresPlace } from './database-place.js';
import { OwnPostgres } from './own-postgres.js';
import { note, Replica } from './replica.js';

jest.setTimeout(180_000);

let postgres: OwnPostgres;
let place: Awaited<ReturnType<typeof aPostgresPlace>>;
let backend: TestBackend;
let replica: Replica;
const loads: SteadyLoad[] = [];
beforeAll(async () => {
  postgres = OwnPostgres.start();
  backend = await TestBackend.start();
});
afterAll(async () => {
  postgres.stop();
  await backend.close();
});
beforeEach(async () => {
  place = await aPostgresPlace(postgres.url);
  replica = new Replica({ 'database.url': place.url });
});
afterEach(async () => {
  await Promise.all(loads.splice(0).map((load) => load.stop()));
  await replica.remove();
  postgres.thaw();
  postgres.restart();
});

async function asked(text: string, values: readonly unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: place.url });
  await client.connect();
  await client.query(text, [...values]);
  await client.end();
}
const insert = (id: string): Promise<void> =>
  asked(`INSERT INTO components (kind, id, data) VALUES ('channel', $1, $2)`, [
    id,
    aStoredChannel(id, backend.url).data,
  ]);

function aLoad(channel: string): SteadyLoad {
  const load = new SteadyLoad(`${replica.gateway.url}/api/request/${channel}/x`, 4, ({ status }) =>
    status === 200 ? null : `status ${status}`,
  );
  loads.push(load);
  return load;
}
async function expectNoComplaint(load: SteadyLoad): Promise<void> {
  await load.stop();
  expect(load.complaints).toEqual([]);
  expect(load.answers).toBeGreaterThan(20);
}
const since = (then: number): number => performance.now() - then;

/** A replica that served channel `a` once and has it in its snapshot. */
async function servedBefore(): Promise<void> {
  await replica.start();
  await insert('a');
  await replica.hasStatus('a', 200);
  await replica.stop();
}

describe('a Postgres that is killed and comes back', () => {
  it('costs no request, is told by health while it is away, and is followed again by itself', async () => {
    await replica.start();
    await insert('a');
    await replica.hasStatus('a', 200);
    const load = aLoad('a');
    for (let round = 0; round < 3; round++) {
      postgres.kill();
      await asked('SELECT 1').then(
        () => expect('it is away').toBe(true),
        () => undefined,
      );
      await replica.gateway.until(() =>
        replica.gateway.output.includes('The connection that listens to the database is lost'),
      );
      await replica.hasFaults(/cannot be read from Postgres at 127\.0\.0\.1:\d+.*everything stays in force/);
      postgres.restart();
      const back = performance.now();
      await insert(`after${round}`);
      await replica.hasStatus(`after${round}`, 200);
      note('a change in force after Postgres is back', since(back));
      await replica.hasFaults(null);
      note('no fault any more after Postgres is back', since(back));
    }
    await expectNoComplaint(load);
  });
  it('costs no request with 2,000 records, during a load of which it goes', async () => {
    await replica.start();
    await insert('a');
    await replica.hasStatus('a', 200);
    const load = aLoad('a');
    const many = (from: number): Promise<void> =>
      asked(
        `INSERT INTO components (kind, id, data) SELECT 'channel', 'many' || n, $1 FROM generate_series($2::int, $2::int + 1999) n
           ON CONFLICT (kind, id) DO UPDATE SET data = EXCLUDED.data`,
        [aStoredChannel('x', backend.url, { description: `since ${from}` }).data, from],
      );
    const startedAt = performance.now();
    await many(0);
    await replica.hasStatus('many1999', 200);
    note('2,000 records in force', since(startedAt));
    for (let round = 1; round <= 3; round++) {
      await many(round * 100);
      // In the middle of reading them.
      await new Promise((moment) => setTimeout(moment, 20 * round));
      postgres.kill();
      postgres.restart();
      const back = performance.now();
      await insert(`after${round}`);
      await replica.hasStatus(`after${round}`, 200);
      await replica.hasStatus(`many${round * 100 + 1999}`, 200);
      note('2,000 changed records in force after Postgres is back', since(back));
    }
    await replica.hasFaults(null);
    await expectNoComplaint(load);
  });
});

describe('a start without Postgres', () => {
  it('serves what was good last, and takes over what the database says when it comes', async () => {
    await servedBefore();
    await insert('b');
    postgres.kill();
    note('ready without Postgres', await replica.start());
    expect([await replica.status('a'), await replica.status('b')]).toEqual([200, 404]);
    await replica.hasFaults(/The last known good of .* serves/);
    postgres.restart();
    const back = performance.now();
    await replica.hasStatus('b', 200);
    note('taken over after Postgres came', since(back));
    await replica.hasFaults(null);
    await insert('c');
    await replica.hasStatus('c', 200);
  });
  it('is not ready where nothing was good before, and is as soon as it comes', async () => {
    postgres.kill();
    const gateway = replica.spawn();
    await gateway.until(() => gateway.output.includes('The source cannot be read'));
    expect(gateway.output).not.toContain('"msg":"ready"');
    postgres.restart();
    const back = performance.now();
    await gateway.until(() => gateway.output.includes('"msg":"ready"'), 40_000);
    note('ready after Postgres came, with no snapshot', since(back));
  });
});

describe('a Postgres that takes connections and answers nothing', () => {
  it('at a start holds it up for some seconds only', async () => {
    await servedBefore();
    postgres.freeze();
    note('ready with a frozen Postgres', await replica.start());
    expect(await replica.status('a')).toBe(200);
    await replica.hasFaults(/cannot be read from Postgres/);
    postgres.thaw();
    const back = performance.now();
    await insert('b');
    await replica.hasStatus('b', 200, 60_000);
    note('taken over after a frozen Postgres goes on', since(back));
    await replica.hasFaults(null);
  });
  it('costs a running gateway no request, and it follows again when that goes on', async () => {
    await replica.start();
    await insert('a');
    await replica.hasStatus('a', 200);
    const load = aLoad('a');
    postgres.freeze();
    const frozen = performance.now();
    await expect(replica.apply([aStoredChannel('refused', backend.url)])).rejects.toThrow();
    note('an apply is given up with a frozen Postgres', since(frozen));
    await replica.hasFaults(/cannot be read from Postgres/, 60_000);
    note('told by health with a frozen Postgres', since(frozen));
    postgres.thaw();
    const back = performance.now();
    await insert('b');
    await replica.hasStatus('b', 200, 60_000);
    note('a change in force after a frozen Postgres goes on', since(back));
    await replica.hasFaults(null, 60_000);
    await expectNoComplaint(load);
  });
  it('does not keep a gateway from ending', async () => {
    await replica.start();
    postgres.freeze();
    const { gateway } = replica;
    const asked = performance.now();
    const control = fetch(`${gateway.url}/health`).catch(() => undefined);
    expect(await gateway.stop()).toBe(0);
    note('stopped with a frozen Postgres', since(asked));
    await control;
    expect(since(asked)).toBeLessThan(30_000);
  });
});
