import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { OwnRedis } from '../broadcast/own-redis.js';
import { ran } from '../process/program.js';
import { TestBackend } from '../support/backend.js';
import { call } from '../support/call.js';
import { until } from '../support/until.js';
import { aStoredChannel } from './control.js';
import { aPostgresPlace } from './database-place.js';
import { Replica } from './replica.js';

jest.setTimeout(180_000);

let place: Awaited<ReturnType<typeof aPostgresPlace>>;
let backend: TestBackend;
let redis: OwnRedis;
const replicas: Replica[] = [];
beforeAll(async () => {
  backend = await TestBackend.start();
  redis = OwnRedis.start();
});
afterAll(async () => {
  redis.stop();
  await backend.close();
});
beforeEach(async () => {
  place = await aPostgresPlace();
});
afterEach(async () => {
  // A supervisor that is killed takes a moment to take its workers along.
  await Promise.all(replicas.splice(0).map((replica) => replica.stop().then(() => replica.remove())));
  await place.remove();
});

/** A host with so many workers. */
async function aHost(workers: number, settings: Readonly<Record<string, string | number>> = {}): Promise<Replica> {
  const replica = new Replica({ 'database.url': place.url, 'server.workers': workers, ...settings });
  replicas.push(replica);
  const gateway = replica.spawn();
  await gateway.until(() => gateway.output.includes('"msg":"all workers are ready"'), 60_000);
  return replica;
}
/** Connections take turns among the workers: so many answers in a row are of each of them. */
async function everywhere(replica: Replica, workers: number, channel: string): Promise<boolean> {
  for (let times = 0; times < 3 * workers; times++)
    if ((await call(replica.gateway.port, `/api/request/${channel}/x`)).status !== 200) return false;
  return true;
}
const sluice = (replica: Replica, command: string) =>
  ran('cli/sluice.js', [command, '--set', `data.folder=${replica.data}`, '--set', `database.url=${place.url}`], {
    cwd: replica.data,
  });

describe('four workers on an empty database', () => {
  it('migrate it once, and have each change in force in all of them', async () => {
    const host = await aHost(4);
    const sql = new pg.Client({ connectionString: place.url });
    await sql.connect();
    const { rows } = await sql.query('SELECT name, count(*) FROM migrations GROUP BY name HAVING count(*) > 1');
    await sql.end();
    expect(rows).toEqual([]);
    expect(await host.apply([aStoredChannel('a', backend.url)])).toMatchObject({ state: 'done' });
    await until(() => everywhere(host, 4, 'a'));
    expect(await host.faults()).toEqual([]);
  });
  it('may start beside those of other hosts', async () => {
    const hosts = await Promise.all([aHost(2), aHost(2)]);
    await hosts[0].apply([aStoredChannel('a', backend.url)]);
    for (const host of hosts) await until(() => everywhere(host, 2, 'a'));
    expect(await Promise.all(hosts.map((host) => host.faults()))).toEqual([[], []]);
  });
});

/** What is changed behind the back of the database's notifications is found by a refresh only. */
async function changeInSilence(id: string): Promise<void> {
  const sql = new pg.Client({ connectionString: place.url });
  await sql.connect();
  await sql.query(`CREATE OR REPLACE FUNCTION component_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN UPDATE component_revision SET revision = revision + 1; RETURN NULL; END $$`);
  await sql.query(`INSERT INTO components (kind, id, data) VALUES ('channel', $1, $2)`, [
    id,
    aStoredChannel(id, backend.url).data,
  ]);
  await sql.end();
}

describe.each([
  ['Postgres', () => ({})],
  ['Redis', () => ({ 'redis.url': redis.url })],
])('sluice refresh, told over %s', (name, more) => {
  it('reaches all workers of all hosts', async () => {
    const settings = { 'gateway.refreshMs': -1, ...more() };
    const hosts = await Promise.all([aHost(2, settings), aHost(2, settings)]);
    await changeInSilence('quiet');
    expect((await call(hosts[1].gateway.port, '/api/request/quiet/x')).status).toBe(404);
    expect(await sluice(hosts[0], 'refresh')).toMatchObject({ code: 0 });
    for (const host of hosts) await until(() => everywhere(host, 2, 'quiet'));
    for (const host of hosts) {
      expect(await host.gateway.metric('sluice_broadcast_connected', { way: name.toLowerCase() })).toBe(1);
    }
  });
});

describe('two workers whose Redis goes away', () => {
  it('still tell each other, say so in health, and are as before when it is back', async () => {
    const host = await aHost(2, { 'gateway.refreshMs': -1, 'redis.url': redis.url });
    redis.kill();
    await host.hasFaults(/over Redis at .* does not get through/);
    await changeInSilence('quiet');
    expect(await sluice(host, 'refresh')).toMatchObject({ code: 0 });
    await until(() => everywhere(host, 2, 'quiet'));
    redis.restart();
    await host.hasFaults(null);
  });
});
