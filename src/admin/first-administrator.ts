import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import type { Log } from '../components/load-log.js';
import { IdentityFault, type Identities } from '../contracts/identities.js';
import type { BootstrapOptions } from './admin-options.js';
import type { PasswordNote } from './password-note.js';
import { ADMIN_TYPE, ROOT_ROLE } from './roles.js';

/** base64url: 32 characters. */
const PASSWORD_BYTES = 24;
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;

export interface BootstrapParts {
  readonly identities: Identities;
  readonly options: BootstrapOptions;
  readonly note: PasswordNote;
  readonly log: Log;
}

/**
 * Makes the first administrator where there is none: of several processes that start at once one makes it. A database that is away is
 * tried again.
 */
export class FirstAdministrator implements OnApplicationBootstrap, OnModuleDestroy {
  private settled = false;
  private running: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private delayMs = FIRST_DELAY_MS;
  private told: string | null = null;

  constructor(private readonly parts: BootstrapParts) {}

  /** Nobody waits for it here. */
  onApplicationBootstrap(): void {
    if (this.parts.options.atStart) void this.ensure();
  }

  onModuleDestroy(): void {
    this.settled = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  /** Settles when there is one, or when it is clear that there cannot be one now. Never rejects. */
  ensure(): Promise<void> {
    if (this.settled) return Promise.resolve();
    return (this.running ??= this.attempt().finally(() => (this.running = null)));
  }

  private async attempt(): Promise<void> {
    try {
      await this.make();
      this.settled = true;
    } catch (error) {
      if (this.settled) return;
      const reason = error instanceof Error ? error.message : String(error);
      // What the identity server will not take it takes no later.
      if (error instanceof IdentityFault && error.status === 400) {
        this.settled = true;
        this.tell(
          'error',
          'The first administrator cannot be created: mend admin.bootstrap.username or .password.',
          reason,
        );
        return;
      }
      this.tell('warn', 'The first administrator cannot be looked for now; it is tried again.', reason);
      this.again();
    }
  }

  /** A note is written before the user is there: one whose password nobody could be told would be of no use. */
  private async make(): Promise<void> {
    const { identities, options, note, log } = this.parts;
    const { total } = await identities.users({ type: ADMIN_TYPE, skip: 0, limit: 1 });
    if (total > 0) return;
    const password = options.password ?? randomBytes(PASSWORD_BYTES).toString('base64url');
    const noted = options.password === null ? await note.begin(password) : null;
    try {
      const { username } = options;
      const user = await identities.createFirstUser({
        ...{ type: ADMIN_TYPE, username, password, roles: [ROOT_ROLE] },
      });
      if (user === null) return await noted?.drop();
      log('info', 'The first administrator was created.', { username, user: user.id });
      await noted?.tell(username);
    } catch (error) {
      await noted?.drop();
      throw error;
    }
  }

  private again(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      void this.ensure();
    }, this.delayMs).unref();
    this.delayMs = Math.min(this.delayMs * 2, LONGEST_DELAY_MS);
  }

  /** Once, however often it fails. */
  private tell(level: 'warn' | 'error', message: string, reason: string): void {
    if (this.told === message) return;
    this.told = message;
    this.parts.log(level, message, { reason });
  }
}
