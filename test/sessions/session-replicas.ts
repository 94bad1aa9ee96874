import { SessionRunnerFactory } from '../../src/sessions/session-runner.factory.js';
import type { LocalRunner } from '../../src/contracts/local-runner.js';
import type { OpenDatabase } from '../storage/built.js';
import type { DatabasePlace } from '../storage/database-place.js';
import { ReplicasOf } from '../storage/replicas-of.js';

export interface Session {
  readonly id: string;
  readonly expire: number;
}
export interface Asked {
  readonly origin?: unknown;
  readonly parameters?: unknown;
}
export interface Answer {
  /** Of the event's error; null: it went well. */
  readonly code: number | null;
  readonly payload: {
    readonly session?: Session;
    readonly extended?: number;
    readonly missing?: string[];
    readonly expired?: boolean;
  };
}

/** The session runner of one replica. */
export class SessionReplica {
  private readonly factory: SessionRunnerFactory;
  private readonly runner: LocalRunner;
  statements = 0;

  constructor(database: OpenDatabase, parameters: Readonly<Record<string, string>>) {
    const open = async () => {
      const source = await database.open();
      return { query: (sql: string, values?: unknown[]) => (this.statements++, source.query(sql, values)) };
    };
    this.factory = new SessionRunnerFactory({ database: { open }, changed: () => undefined });
    this.runner = this.factory.create(new Map(Object.entries(parameters)));
  }

  get store(): SessionRunnerFactory['store'] {
    return this.factory.store;
  }

  get problem(): string | null {
    return this.factory.store.problem;
  }

  async ask(path: string, { origin, parameters = {} }: Asked): Promise<Answer> {
    const event = JSON.stringify({ requestMeta: { origin }, payload: { parameters } });
    const request = { method: 'POST', target: '/session/user', path, event };
    const { body } = await this.runner.handle(request, new AbortController().signal);
    const { payload, result } = JSON.parse(body) as Pick<Answer, 'payload'> & { result: { error?: { code: number } } };
    return { code: result.error?.code ?? null, payload };
  }

  async touch(id: string, type = 'user'): Promise<Session> {
    const { code, payload } = await this.ask('/touch', { origin: { id, type } });
    if (payload.session === undefined) throw new Error(`It answered with ${code}.`);
    return payload.session;
  }

  stop(): void {
    this.factory.stop();
  }
}

/** Replicas of one gateway on one database. */
export class SessionReplicas extends ReplicasOf<SessionReplica> {
  constructor(place: DatabasePlace) {
    super(place, (database, parameters) => new SessionReplica(database, parameters));
  }
}
