import { argon2, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { LateAnswers } from '../../src/identity/attempts/failure-delay.js';
import type { LocalRunner } from '../../src/contracts/local-runner.js';
import type { Identities } from '../../src/contracts/identities.js';
import type { Derive } from '../../src/identity/passwords/derivation.js';
import { IdentityRunnerFactory } from '../../src/identity/identity-runner.factory.js';
import { AesSecretBox, type OpenDatabase } from '../storage/built.js';
import { KEY, type DatabasePlace } from '../storage/database-place.js';
import { ReplicasOf } from '../storage/replicas-of.js';

/** Off the main thread, so that tries at once are so; the product's threads load no TypeScript. */
const promisedDerivation: Derive = async (work) => {
  const { password, salt, tagBytes } = work;
  if (work.kind === 'pbkdf2') return promisify(pbkdf2)(password, salt, work.iterations, tagBytes, 'sha256');
  const { memory, passes, parallelism } = work;
  const costs = { memory, passes, parallelism, tagLength: tagBytes };
  return promisify(argon2)('argon2id', { ...costs, nonce: salt, message: Buffer.from(password) });
};

type Members = Readonly<Record<string, unknown>>;

export interface Asked {
  /** requestMeta.auth */
  readonly auth?: Members;
  readonly parameters?: unknown;
  readonly origin?: unknown;
  /** eventMeta.parameters */
  readonly settings?: Members;
  readonly type?: string;
  readonly method?: string;
}
export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token?: string;
  readonly expires_in: number;
  readonly refresh_expires_in: number;
}
export interface Answer {
  /** Of the event's error; null: it went well. */
  readonly code: number | null;
  readonly http: number | null;
  readonly message: string | null;
  readonly safePayload: { readonly retryAfter?: number } | null;
  readonly payload: Members & {
    readonly token?: Tokens;
    readonly user?: Members & { readonly id: string };
    readonly id?: string;
    readonly key?: string;
    readonly stage?: string;
    readonly transactionId?: string;
    readonly recoveryCodes?: readonly string[];
    readonly list?: readonly (Members & { readonly id: string })[];
  };
}

/** The identity runner of one replica. Answers that would wait are told of in `delays`, and come at once. */
export class IdentityReplica {
  readonly identities: Identities;
  readonly delays: number[] = [];
  statements = 0;
  /** Epoch ms. */
  now: number | null = null;
  /** Done while a password is hashed. */
  meanwhile: (() => Promise<unknown>) | null = null;
  private readonly factory: IdentityRunnerFactory;
  private readonly runner: LocalRunner;

  constructor(database: OpenDatabase, parameters: Readonly<Record<string, string>>) {
    const open = async () => {
      const source = await database.open();
      return { query: (sql: string, values?: unknown[]) => (this.statements++, source.query(sql, values)) };
    };
    this.factory = new IdentityRunnerFactory({
      ...{ database: { open }, box: new AesSecretBox([KEY]), changed: () => undefined },
      derive: async (work) => (await this.meanwhile?.(), promisedDerivation(work)),
      late: new LateAnswers(1000, async (ms) => void this.delays.push(ms)),
      now: () => this.now ?? Date.now(),
    });
    const faults = this.factory.check(new Map(Object.entries(parameters)));
    if (faults.length > 0) throw new Error(JSON.stringify(faults));
    this.runner = this.factory.create(new Map(Object.entries(parameters)));
    this.identities = this.factory.identities;
  }

  get problem(): string | null {
    return this.factory.store.problem;
  }

  async ask(
    action: string,
    { auth, parameters = {}, origin = {}, settings = {}, ...rest }: Asked = {},
  ): Promise<Answer> {
    const { type = 'user', method = 'POST' } = rest;
    const event = JSON.stringify({
      requestMeta: { origin, ...(auth !== undefined && { auth }) },
      ...{ eventMeta: { parameters: settings }, payload: { parameters } },
    });
    return this.send({ method, target: `/auth/${type}`, path: `/${action}`, event });
  }

  async send(request: Parameters<LocalRunner['handle']>[0]): Promise<Answer> {
    const { body } = await this.runner.handle(request, new AbortController().signal);
    const { payload, result } = JSON.parse(body) as {
      payload: Answer['payload'];
      result: { error?: { code: number; http: number; message: string; safePayload?: Answer['safePayload'] } };
    };
    const { code = null, http = null, message = null, safePayload = null } = result.error ?? {};
    return { code, http, message, safePayload, payload };
  }

  login(username: string, password: string, ip = '192.0.2.1'): Promise<Answer> {
    return this.ask('login', { auth: { username, password }, origin: { ip } });
  }

  /** A user made by administration. */
  async add(
    username: string,
    { password = 'correct horse', roles = [] as readonly string[], ...rest } = {},
  ): Promise<string> {
    const parameters = { data: { credential: { username, password }, access: { roles }, profile: {} }, ...rest };
    const { code, message, payload } = await this.ask('user/register', { parameters });
    if (payload.id === undefined) throw new Error(`It answered with ${code}: ${message}.`);
    return payload.id;
  }

  sweep(): Promise<void> {
    return this.factory.sweep();
  }

  stop(): Promise<void> {
    return this.factory.stop();
  }
}

/** Replicas of one gateway on one database. */
export class IdentityReplicas extends ReplicasOf<IdentityReplica> {
  constructor(place: DatabasePlace) {
    super(place, (database, parameters) => new IdentityReplica(database, parameters));
  }
}
