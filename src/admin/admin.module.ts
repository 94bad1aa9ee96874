import {
  Delete,
  type DynamicModule,
  Get,
  Module,
  type ModuleMetadata,
  Options,
  Patch,
  type Provider,
  Put,
  type Type,
} from '@nestjs/common';
import { IDENTITIES, type Identities } from '../contracts/identities.js';
import type { ProcessLog } from '../observability/logger.js';
import { LOG } from '../observability/tokens.js';
import type { Log } from '../components/load-log.js';
import { AdminAuthGuard } from './access/admin-auth.guard.js';
import { AdminKeyStrategy } from './access/admin-key.strategy.js';
import { AdminTokenStrategy } from './access/admin-token.strategy.js';
import { DoorGuard, THROTTLER_PROVIDERS } from './access/door.guard.js';
import { RoleGuard } from './access/role.guard.js';
import { ADMIN_OPTIONS, type AdminOptions } from './admin-options.js';
import { CONTROL_MOUNT, ControlController } from './control/control.controller.js';
import { ControlGuard } from './control/control.guard.js';
import { KEYS, USERS } from './directory.js';
import { fallbackController, type Mount } from './fallback.controller.js';
import { FirstAdministrator } from './first-administrator.js';
import { JsonBodyPipe, QueryPipe } from './input/json-body.js';
import { GovernedKeys } from './keys/governed-keys.js';
import { KeysAdminController } from './keys/keys.admin.controller.js';
import { LoginAdminController } from './login/login.admin.controller.js';
import { MeAdminController } from './login/me.admin.controller.js';
import { PasswordNote } from './password-note.js';
import { ServedPaths } from './served-paths.js';
import { SessionsAdminController } from './sessions/sessions.admin.controller.js';
import { GovernedUsers } from './users/governed-users.js';
import { UsersAdminController } from './users/users.admin.controller.js';

const ADMIN_CONTROLLERS = [
  LoginAdminController,
  MeAdminController,
  UsersAdminController,
  KeysAdminController,
  SessionsAdminController,
] as const;

/** Administrators, and what they do: admin API and Control API (spec/apis.md, spec/beyond.md). */
@Module({})
export class AdminModule {
  /** `imports` bring the ports: identities, sessions, components, edge, call counts, token gate, log. */
  static register(options: AdminOptions, imports: NonNullable<ModuleMetadata['imports']>): DynamicModule {
    const served: Type<unknown>[] = [
      ...(options.adminEnabled ? ADMIN_CONTROLLERS : []),
      ...(options.controlEnabled ? [ControlController] : []),
    ];
    const mounts: Mount[] = [
      ...(options.adminEnabled ? [{ mount: 'admin/api' }] : []),
      ...(options.controlEnabled ? [{ mount: CONTROL_MOUNT, unserved: [Get, Put, Patch, Delete, Options] }] : []),
    ];
    return {
      module: AdminModule,
      imports,
      controllers: [...served, ...mounts.map(fallbackController)],
      providers: [
        { provide: ADMIN_OPTIONS, useValue: options },
        ...(served.length > 0 ? doorOf(options, served) : []),
        {
          provide: USERS,
          inject: [IDENTITIES, LOG],
          useFactory: (identities: Identities, log: ProcessLog) => new GovernedUsers(identities, logOf(log)),
        },
        {
          provide: KEYS,
          inject: [IDENTITIES, LOG],
          useFactory: (identities: Identities, log: ProcessLog) => new GovernedKeys(identities, logOf(log), Date.now),
        },
      ],
      exports: [USERS, KEYS],
    };
  }
}

/** What stands before the controllers: none of it where there are none. */
const doorOf = (options: AdminOptions, served: readonly Type<unknown>[]): Provider[] => [
  { provide: ServedPaths, useValue: new ServedPaths(served) },
  firstAdministrator(options),
  ...THROTTLER_PROVIDERS,
  ...[AdminTokenStrategy, AdminKeyStrategy],
  ...[DoorGuard, AdminAuthGuard, RoleGuard, ControlGuard],
  ...[JsonBodyPipe, QueryPipe],
];

const logOf =
  (log: ProcessLog): Log =>
  (level, message, fields) =>
    log.log(level, message, fields);

function firstAdministrator({ bootstrap }: AdminOptions) {
  return {
    provide: FirstAdministrator,
    inject: [IDENTITIES, LOG],
    useFactory: (identities: Identities, process: ProcessLog) => {
      const log = logOf(process);
      const print = globalThis.process.stdout.isTTY
        ? (text: string): void => void globalThis.process.stdout.write(text)
        : null;
      const note = new PasswordNote({ folder: bootstrap.folder, print, log });
      return new FirstAdministrator({ identities, options: bootstrap, note, log });
    },
  };
}
