import { IsOptional } from 'class-validator';
import { Flag, ListOf, PlainText, Text, Whole } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

const ROLE = /^[^\p{Cc},]{1,128}$/u;

/** Who may administer this gateway, and how. */
export class AdminSettings {
  @Setting('admin.controller.enabled', { doc: 'whether the admin API exists; if not, it answers 404' })
  @Flag()
  readonly adminEnabled: boolean = true;

  @Setting('control.controller.enabled', { doc: 'whether the Control API exists; if not, it answers 404' })
  @Flag()
  readonly controlEnabled: boolean = true;

  @Setting('control.controller.authToken', {
    doc: 'token record whose users may use the Control API, besides administrators with the role operator',
  })
  @IsOptional()
  @Text(/^[^\p{Cc}/]{1,128}$/u, 'the id of a token record')
  readonly controlToken: string | null = null;

  @Setting('control.controller.roles', {
    doc: 'roles of users of control.controller.authToken that may use the Control API; * = every user of it',
  })
  @ListOf('roles, with commas between them', (part) => (ROLE.test(part) ? part : null))
  readonly controlRoles: readonly string[] = ['admin'];

  @Setting('throttle.admin.limit', { doc: 'calls a minute and address of the admin API and the Control API' })
  @Whole(1, 1_000_000_000)
  readonly callsPerMinute: number = 300;

  @Setting('admin.bootstrap.username', { doc: 'name of the first administrator, created where there is none' })
  @PlainText()
  readonly bootstrapUsername: string = 'admin';

  @Setting('admin.bootstrap.password', {
    doc: 'password of the first administrator; without one it is generated, and printed on a terminal, else written to {data.folder}/admin-password',
    secret: true,
  })
  @IsOptional()
  @Text(/^[^\p{Cc}]{8,512}$/u, 'text of 8 to 512 characters')
  readonly bootstrapPassword: string | null = null;
}
