import { join } from 'node:path';
import { DIST } from './gateway.mjs';
import { SoakDatabase } from './postgres.mjs';

/** Four replicas of the built-in session server on one Postgres touch and extend the same origins at once: none lost, none doubled. */
export const name = 'sessions';

const REPLICAS = 4;
/** As gateways send them (session.batchSize). */
const BATCH = 100;
const TOUCHES_AT_ONCE = 50;

export async function prove({ origins }) {
  const built = (path) => import(join(DIST, path));
  const [{ SessionRunnerFactory }, { LazyDatabase }, { AesSecretBox }] = await Promise.all(
    ['sessions/session-runner.factory.js', 'storage/lazy-database.js', 'secrets/aes-secret-box.js'].map(built),
  );
  const database = await SoakDatabase.made();
  const box = new AesSecretBox([Buffer.alloc(32, 7)]);
  const replicas = Array.from(
    { length: REPLICAS },
    () => new Replica({ SessionRunnerFactory, LazyDatabase, box, url: database.url }),
  );
  try {
    const names = Array.from({ length: origins }, (_, index) => `${index}`);
    const touching = performance.now();
    // Half of them from the other end, so that they meet.
    const touched = await Promise.all(
      replicas.map((replica, at) => replica.touchAll(at % 2 === 0 ? names : names.toReversed())),
    );
    const touchMs = performance.now() - touching;
    const extending = performance.now();
    const before = replicas.reduce((sum, { statements }) => sum + statements, 0);
    const missing = (
      await Promise.all(replicas.map((replica, at) => replica.extendAll(at % 2 === 0 ? names : names.toReversed())))
    ).flat();
    const extendMs = performance.now() - extending;
    const statements = replicas.reduce((sum, each) => sum + each.statements, 0) - before;
    const rows = await replicas[0].count();
    const doubled = names.filter((each) => new Set(touched.map((ids) => ids.get(each))).size !== 1).length;
    const figures = {
      'origins, touched and extended by each of 4': origins,
      'sessions in the database': rows,
      'origins with more than one session': doubled,
      'extensions that found none': missing.length,
      'touches a second': Math.round((REPLICAS * origins) / (touchMs / 1000)),
      'extensions a second': Math.round((REPLICAS * origins) / (extendMs / 1000)),
      'statements of 100 extensions': (statements / ((REPLICAS * origins) / BATCH)).toFixed(3),
    };
    const complaints = [];
    if (rows !== origins) complaints.push(`${rows} sessions of ${origins} origins`);
    if (doubled > 0) complaints.push(`${doubled} origins have more than one session`);
    if (missing.length > 0) complaints.push(`${missing.length} extensions found no session`);
    return { figures, complaints };
  } finally {
    await Promise.all(replicas.map((replica) => replica.close()));
    await database.remove();
  }
}

class Replica {
  statements = 0;

  constructor({ SessionRunnerFactory, LazyDatabase, box, url }) {
    this.database = new LazyDatabase({
      url,
      dataFolder: '/nowhere',
      box,
      hasGeneratedKey: false,
      log: () => undefined,
    });
    const open = async () => {
      const source = await this.database.open();
      return { query: (sql, values) => (this.statements++, source.query(sql, values)) };
    };
    this.factory = new SessionRunnerFactory({ database: { open }, changed: () => undefined });
    this.runner = this.factory.create(new Map([['ttl', '3600000']]));
  }

  async ask(path, { origin, parameters = {} }) {
    const event = JSON.stringify({ requestMeta: { origin }, payload: { parameters } });
    const { body } = await this.runner.handle({ method: 'POST', target: '/session/user', path, event });
    const { payload, result } = JSON.parse(body);
    if (result.error !== undefined) throw new Error(result.error.message);
    return payload;
  }

  /** Id of the session by name. */
  async touchAll(names) {
    const ids = new Map();
    const queue = names.values();
    const worker = async () => {
      for (const id of queue) ids.set(id, (await this.ask('/touch', { origin: { id, type: 'user' } })).session.id);
    };
    await Promise.all(Array.from({ length: TOUCHES_AT_ONCE }, worker));
    return ids;
  }

  /** Keys that had no session. */
  async extendAll(names) {
    const missing = [];
    for (let from = 0; from < names.length; from += BATCH) {
      const list = names.slice(from, from + BATCH).map((id) => `user-${id}`);
      missing.push(...(await this.ask('/extendList', { parameters: { list } })).missing);
    }
    return missing;
  }

  async count() {
    const source = await this.database.open();
    return Number((await source.query('SELECT count(*) AS count FROM sessions'))[0].count);
  }

  async close() {
    this.factory.stop();
    await this.database.close();
  }
}
