import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { until } from '../support/until.js';
import { aPostgresPlace, type DatabasePlace } from '../storage/database-place.js';
import { OwnPostgres } from '../storage/own-postgres.js';
import { SessionReplicas } from './session-replicas.js';
import { sessionStormSuite } from './session-storm-suite.js';
import { sessionsSuite } from './sessions-suite.js';

jest.setTimeout(120_000);

describe('the session server in a Postgres', () => sessionsSuite(() => aPostgresPlace()));
describe('many sessions in a Postgres', () => sessionStormSuite(() => aPostgresPlace(), 10_000));

describe('the session server on a Postgres that goes and comes back', () => {
  let postgres: OwnPostgres;
  let place: DatabasePlace;
  let replicas: SessionReplicas;
  beforeAll(() => {
    postgres = OwnPostgres.start();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    place = await aPostgresPlace(postgres.url);
    replicas = new SessionReplicas(place);
  });
  afterEach(async () => {
    postgres.thaw();
    postgres.restart();
    await replicas.close();
    await place.remove();
  });

  it('says 503 while it is killed, and has every session that it told of when it is back', async () => {
    const replica = replicas.add();
    const { id } = await replica.touch('ann');
    postgres.kill();
    for (const path of ['/touch', '/extend', '/stitch', '/expire'])
      expect((await replica.ask(path, { origin: { id: 'ann', parameters: { oldId: 'g' } } })).code).toBe(503);
    expect(replica.problem).not.toBeNull();
    postgres.restart();
    await until(async () => (await replica.ask('/touch', { origin: { id: 'bob' } })).code === null, 30_000);
    expect([(await replica.touch('ann')).id, replica.problem]).toEqual([id, null]);
  });
  it('keeps nobody waiting where it says nothing', async () => {
    const replica = replicas.add();
    await replica.touch('ann');
    postgres.freeze();
    const since = performance.now();
    const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((id) => replica.ask('/touch', { origin: { id } })));
    expect(answers.map(({ code }) => code)).toEqual(answers.map(() => 503));
    expect(performance.now() - since).toBeLessThan(8000);
    postgres.thaw();
    await until(async () => (await replica.ask('/touch', { origin: { id: 'ann' } })).code === null, 30_000);
  });
});
