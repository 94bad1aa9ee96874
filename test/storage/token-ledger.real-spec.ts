import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { BroadcastHub } from '../../src/broadcast/broadcast-hub.js';
import { PostgresWay } from '../../src/broadcast/postgres-way.js';
import { LedgerUnavailable } from '../../src/contracts/token-ledger.js';
import { AesSecretBox } from '../../src/secrets/aes-secret-box.js';
import { StoredTokenLedger } from '../../src/tokens/ledger/stored-token-ledger.js';
import { until } from '../support/until.js';
import type { OpenDatabase } from './built.js';
import { aPostgresPlace, KEY } from './database-place.js';
import { digestOf, facts, HOUR_MS } from './ledger-replicas.js';
import { OwnPostgres } from './own-postgres.js';
import { tokenLedgerSuite } from './token-ledger-suite.js';

jest.setTimeout(120_000);

describe('the ledger of tokens in a Postgres', () => tokenLedgerSuite(() => aPostgresPlace()));

/** One replica with all that it has in a process. */
class Replica {
  readonly hub: BroadcastHub;
  readonly ledger: StoredTokenLedger;

  constructor(
    url: string,
    private readonly database: OpenDatabase,
  ) {
    const log = (): void => undefined;
    this.hub = new BroadcastHub({ gatewayId: 'shop', ways: async () => [new PostgresWay(url)], log });
    this.ledger = new StoredTokenLedger({
      ...{ database, isShared: true, mayHoldSome: () => true, box: new AesSecretBox([KEY]), broadcast: this.hub, log },
    });
  }

  async close(): Promise<void> {
    await this.ledger.stop();
    await this.hub.close();
    await this.database.close();
  }
}

describe('two replicas on a Postgres that goes and comes back', () => {
  let postgres: OwnPostgres;
  let place: Awaited<ReturnType<typeof aPostgresPlace>>;
  const replicas: Replica[] = [];
  beforeAll(() => {
    postgres = OwnPostgres.start();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    place = await aPostgresPlace(postgres.url);
  });
  afterEach(async () => {
    postgres.thaw();
    postgres.restart();
    await Promise.all(replicas.splice(0).map((replica) => replica.close()));
    await place.remove();
  });
  async function aReplica(): Promise<StoredTokenLedger> {
    const replica = new Replica(place.url, place.open());
    replicas.push(replica);
    await replica.ledger.start();
    return replica.ledger;
  }
  const tells = (ledger: StoredTokenLedger, digest: string): Promise<void> => until(() => ledger.isRevoked(digest));

  it('tell each other of what is revoked within a second', async () => {
    const [here, there] = [await aReplica(), await aReplica()];
    for (let round = 0; round < 5; round++) {
      const digest = digestOf(randomUUID());
      await here.revoke(digest, Date.now() + HOUR_MS);
      const since = performance.now();
      await tells(there, digest);
      expect(performance.now() - since).toBeLessThan(1000);
    }
  });
  it('refuse on what they know while it is killed, and agree once it is back', async () => {
    const [here, there] = [await aReplica(), await aReplica()];
    const [known, late, token] = [digestOf(randomUUID()), digestOf(randomUUID()), randomUUID()];
    await here.begin(token, facts());
    await here.revoke(known, Date.now() + HOUR_MS);
    await tells(there, known);
    postgres.kill();
    await expect(here.use(token)).rejects.toThrow(LedgerUnavailable);
    await here.revoke(late, Date.now() + HOUR_MS);
    await until(() => there.store.problem !== null);
    expect([here.isRevoked(known), there.isRevoked(known), here.isRevoked(late)]).toEqual([true, true, true]);
    postgres.restart();
    await tells(there, late);
    await until(() => here.store.problem === null && there.store.problem === null);
    expect((await here.use(token)).kind).toBe('current');
  });
  it('keep nobody waiting where it says nothing', async () => {
    const here = await aReplica();
    const digest = digestOf(randomUUID());
    await here.begin(randomUUID(), facts());
    postgres.freeze();
    const since = performance.now();
    await here.revoke(digest, Date.now() + HOUR_MS);
    expect([here.isRevoked(digest), performance.now() - since < 3000]).toEqual([true, true]);
    await expect(here.begin(randomUUID(), facts())).rejects.toThrow(LedgerUnavailable);
    postgres.thaw();
    await until(() => here.pending.size === 0, 60_000);
    expect((await aReplica()).isRevoked(digest)).toBe(true);
  });
  it('start without it, and know what was revoked before once it comes', async () => {
    const digest = digestOf(randomUUID());
    await (await aReplica()).revoke(digest, Date.now() + HOUR_MS);
    postgres.kill();
    const late = await aReplica();
    expect([late.isRevoked(digest), late.store.problem === null]).toEqual([false, false]);
    postgres.restart();
    await tells(late, digest);
  });
});
