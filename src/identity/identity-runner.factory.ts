import { Injectable } from '@nestjs/common';
import type { ParameterFault } from '../contracts/executor.js';
import type { LocalRunner, LocalRunnerFactory } from '../contracts/local-runner.js';
import { RegisterLocalRunner } from '../contracts/register-local-runner.js';
import type { KeyDeriver, SecretBox } from '../secrets/secret-box.js';
import { BoundedStore, type QueriedDatabase } from '../storage/bounded-store.js';
import { StoreSweeper } from '../storage/store-sweeper.js';
import { SWEEP_ATTEMPTS, SWEEP_OLDEST_ATTEMPTS, SWEPT_AT_ONCE } from './attempts/attempt-statements.js';
import type { LateAnswers } from './attempts/failure-delay.js';
import { BuiltInIdentities } from './built-in-identities.js';
import { unavailable } from './identity-faults.js';
import { HASHES_AT_ONCE, identityKit } from './identity-kit.js';
import { IdentityServer, type ServerParts } from './identity-server.js';
import { IDENTITY_PARAMETERS, identityFaults, identitySettingsOf } from './identity-settings.js';
import { SWEEP_KEYS, SWEEP_LOGINS, SWEEP_STEPS, SWEPT_AT_ONCE as LOGINS_AT_ONCE } from './logins/login-statements.js';
import type { Derive } from './passwords/derivation.js';
import { HashThreads } from './passwords/hash-threads.js';
import { IdentityRunner } from './runner/identity-runner.js';

export interface IdentityFactoryOptions {
  readonly database: QueriedDatabase;
  readonly box: SecretBox & KeyDeriver;
  /** Whether the database can be had has changed. */
  readonly changed: () => void;
  /** Hashes; without it in threads of their own. */
  readonly derive?: Derive;
  /** How answers to failed logins wait. */
  readonly late?: LateAnswers;
  /** Epoch ms, of codes and tokens. */
  readonly now?: () => number;
}

const SWEEPS = [
  ...[SWEEP_ATTEMPTS, SWEEP_OLDEST_ATTEMPTS].map((sql) => ({ sql, atOnce: SWEPT_AT_ONCE })),
  ...[SWEEP_LOGINS, SWEEP_STEPS, SWEEP_KEYS].map((sql) => ({ sql, atOnce: LOGINS_AT_ONCE })),
];

/** `runner: identity`: the built-in identity server. All systems that name it share one store of users. */
@Injectable()
@RegisterLocalRunner('identity')
export class IdentityRunnerFactory implements LocalRunnerFactory {
  /** Passwords come, and keys and codes go out. */
  readonly bodiesAreSecret = true as const;
  readonly parameterNames = IDENTITY_PARAMETERS;
  readonly store: BoundedStore;
  readonly identities: BuiltInIdentities;
  private readonly parts: ServerParts;
  private readonly sweeper: StoreSweeper;
  private readonly threads: HashThreads | null;

  constructor({ database, box, changed, late, derive, now = Date.now }: IdentityFactoryOptions) {
    this.threads = derive === undefined ? new HashThreads(HASHES_AT_ONCE) : null;
    this.store = new BoundedStore({ database, changed, name: 'the store of users', unavailable });
    this.parts = identityKit({
      ...{ store: this.store, box, now, derive: derive ?? this.threads!.derive },
      ...(late !== undefined && { late }),
    });
    this.sweeper = new StoreSweeper(this.store, SWEEPS);
    const byDefault = new IdentityServer(this.parts, identitySettingsOf(new Map()).settings);
    this.identities = new BuiltInIdentities(byDefault, () => this.sweeper.start());
  }

  check(parameters: ReadonlyMap<string, string>): readonly ParameterFault[] {
    return identityFaults(parameters);
  }

  create(parameters: ReadonlyMap<string, string>): LocalRunner {
    const runner = new IdentityRunner(new IdentityServer(this.parts, identitySettingsOf(parameters).settings));
    this.sweeper.start();
    return runner;
  }

  /** Opens the database, where it is not open yet, and sweeps from then on. What fails is reported, and tried again by the first call. */
  warmUp(): void {
    this.sweeper.start();
    if (!this.store.hasOpened) void this.store.rows('SELECT 1').catch(() => undefined);
  }

  /** Takes out what has ended. @throws IdentityFault 503 */
  sweep(): Promise<void> {
    return this.sweeper.sweep();
  }

  /** Nothing is swept or hashed any more. */
  async stop(): Promise<void> {
    this.sweeper.stop();
    await this.threads?.close();
  }
}
