import { Injectable } from '@nestjs/common';
import type { ParameterFault } from '../contracts/executor.js';
import type { LocalRunner, LocalRunnerFactory } from '../contracts/local-runner.js';
import { RegisterLocalRunner } from '../contracts/register-local-runner.js';
import { SessionRunner } from './session-runner.js';
import { sessionSettingsOf } from './session-settings.js';
import { SessionStore, type SessionStoreOptions } from './session-store.js';
import { SessionSweeper } from './session-sweeper.js';
import { StoredSessions } from './stored-sessions.js';

/** `runner: session`: the built-in session server. All systems that name it keep their sessions in one store. */
@Injectable()
@RegisterLocalRunner('session')
export class SessionRunnerFactory implements LocalRunnerFactory {
  readonly parameterNames = ['ttl', 'stitchPriority'];
  readonly store: SessionStore;
  private readonly sweeper: SessionSweeper;

  constructor(options: SessionStoreOptions) {
    this.store = new SessionStore(options);
    this.sweeper = new SessionSweeper(this.store);
  }

  check(parameters: ReadonlyMap<string, string>): readonly ParameterFault[] {
    return sessionSettingsOf(parameters).faults;
  }

  create(parameters: ReadonlyMap<string, string>): LocalRunner {
    const runner = new SessionRunner(new StoredSessions(this.store, sessionSettingsOf(parameters).settings));
    this.sweeper.start();
    return runner;
  }

  /** Opens the database, where it is not open yet, and sweeps from then on. What fails is reported, and tried again by the first call. */
  warmUp(): void {
    this.sweeper.start();
    if (!this.store.hasOpened) void this.store.rows('SELECT 1').catch(() => undefined);
  }

  /** Nothing is swept any more; calls are answered as long as the database is open. */
  stop(): void {
    this.sweeper.stop();
  }
}
