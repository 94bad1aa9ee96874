import type { Command } from 'commander';
import type { LocalAdministration } from '../admin/local-administration.js';
import type { UserDto } from '../admin/users/user.dto.js';
import { CommandFailed, reporting } from './command-failed.js';
import { collect, givenRoles, shownRoles } from './given-roles.js';
import { type AdministrationParts, withAdministration } from './open-administration.js';
import { readPassword } from './read-password.js';
import { type SettingsOptions, takesSettings } from './settings-arguments.js';
import { tellRows } from './show-rows.js';
import type { Terminal } from './terminal.js';
import { allUsers, userNamed } from './user-named.js';

const USAGE = 2;
const TYPE = ['--type <type>', 'type of the user', 'admin'] as const;
const ROLE = [
  '--role <role>',
  'gateway:role of an administrator (* = all gateways), else a role; many times',
  collect,
] as const;

interface OfType extends SettingsOptions {
  readonly type: string;
  readonly json?: boolean;
}
interface ListOptions extends SettingsOptions {
  readonly type?: string;
  readonly search?: string;
  readonly json?: boolean;
}
interface CreateOptions extends OfType {
  readonly role?: readonly string[];
  readonly disabled?: boolean;
  /** False: --no-password. */
  readonly password: boolean;
}
interface SetOptions extends OfType {
  readonly password?: boolean;
  readonly username?: string;
  readonly role?: readonly string[];
  /** False: --no-roles. */
  readonly roles: boolean;
  readonly disable?: boolean;
  readonly enable?: boolean;
}

/** `sluice user …`: users of the built-in identity server, administrators among them. */
export function registerUser(program: Command, parts: AdministrationParts): void {
  const { terminal } = parts;
  const user = program.command('user').description('users of the built-in identity server, administrators among them');
  const working = (options: SettingsOptions, work: (administration: LocalAdministration) => Promise<void>) =>
    reporting(terminal, () => withAdministration(options, parts, work));

  takesSettings(user.command('list'))
    .description('list users')
    .option('--type <type>', 'of this type alone')
    .option('--search <text>', 'whose name holds this')
    .option('--json', 'as JSON')
    .action((options: ListOptions) => working(options, (administration) => list(administration, options, terminal)));

  takesSettings(user.command('get'))
    .argument('<name>', 'name or id')
    .description('show a user')
    .option(...TYPE)
    .option('--json', 'as JSON')
    .action((name: string, options: OfType) =>
      working(options, async (administration) =>
        tell(await userNamed(administration, { name, type: options.type }), options, terminal),
      ),
    );

  takesSettings(user.command('create'))
    .argument('<name>', 'one of a kind in its type')
    .description('create a user; the password comes from the terminal, or from standard input')
    .option(...TYPE)
    .option(...ROLE)
    .option('--disabled', 'it may not log in')
    .option('--no-password', 'nobody can log in with a password')
    .option('--json', 'as JSON')
    .action((name: string, options: CreateOptions) =>
      working(options, (administration) => create(administration, { name, options, terminal })),
    );

  takesSettings(user.command('set'))
    .argument('<name>', 'name or id')
    .description('change a user; a new password comes from the terminal, or from standard input, and ends its logins')
    .option(...TYPE)
    .option('--password', 'a new password')
    .option('--username <name>', 'a new name')
    .option(...ROLE)
    .option('--no-roles', 'no roles any more')
    .option('--disable', 'it may not log in any more; ends its logins')
    .option('--enable', 'it may log in again')
    .option('--json', 'as JSON')
    .action((name: string, options: SetOptions) =>
      working(options, (administration) => change(administration, { name, options, terminal })),
    );

  takesSettings(user.command('delete'))
    .argument('<name>', 'name or id')
    .description('delete a user, with its keys and logins')
    .option(...TYPE)
    .action((name: string, options: OfType) =>
      working(options, async (administration) => {
        const found = await userNamed(administration, { name, type: options.type });
        await administration.deleteUser(found.id);
        terminal.out(`deleted user ${found.username}`);
      }),
    );
}

async function list(administration: LocalAdministration, options: ListOptions, terminal: Terminal): Promise<void> {
  const { type, search } = options;
  const users: UserDto[] = [];
  const query = { ...(type !== undefined && { type }), ...(search !== undefined && { search }) };
  for await (const user of allUsers(administration, query)) users.push(user);
  if (options.json === true) return terminal.out(JSON.stringify(users, null, 2));
  const rows = users.map((each) => [
    each.username,
    each.type,
    shownRoles(each.roles, each.type),
    stateOf(each),
    each.id,
  ]);
  tellRows(terminal, ['name', 'type', 'roles', 'state', 'id'], rows);
}

interface Doing<O> {
  readonly name: string;
  readonly options: O;
  readonly terminal: Terminal;
}

async function create(
  administration: LocalAdministration,
  { name, options, terminal }: Doing<CreateOptions>,
): Promise<void> {
  const { type, role = [], disabled, password } = options;
  const roles = givenRoles(role, type);
  const made = await administration.createUser({
    ...{ username: name, type, roles },
    ...(disabled === true && { disabled }),
    ...(password && { password: await readPassword(terminal) }),
  });
  tell(made, options, terminal);
}

async function change(
  administration: LocalAdministration,
  { name, options, terminal }: Doing<SetOptions>,
): Promise<void> {
  const { type, password, username, role, roles, disable, enable } = options;
  if (disable === true && enable === true) throw new CommandFailed('Either --disable or --enable.', USAGE);
  if (role !== undefined && !roles) throw new CommandFailed('Either --role or --no-roles.', USAGE);
  const wanted = {
    ...(username !== undefined && { username }),
    ...(role !== undefined && { roles: givenRoles(role, type) }),
    ...(!roles && { roles: [] }),
    ...(disable === true && { disabled: true }),
    ...(enable === true && { disabled: false }),
  };
  if (Object.keys(wanted).length === 0 && password !== true)
    throw new CommandFailed(
      'Say what is to change: --password, --username, --role, --no-roles, --disable, --enable.',
      USAGE,
    );
  const user = await userNamed(administration, { name, type });
  const all = password === true ? { ...wanted, password: await readPassword(terminal) } : wanted;
  tell(await administration.changeUser(user.id, all), options, terminal);
}

function tell(user: UserDto, { json }: { readonly json?: boolean }, terminal: Terminal): void {
  if (json === true) return terminal.out(JSON.stringify(user, null, 2));
  const { id, username, type, roles, profile, createdAt, updatedAt } = user;
  const rows = Object.entries({
    ...{ name: username, id, type, roles: shownRoles(roles, type), state: stateOf(user) },
    ...{ profile: JSON.stringify(profile), created: createdAt, changed: updatedAt },
  });
  for (const [name, value] of rows) terminal.out(`${`${name}:`.padEnd(9)}${value}`);
}

const stateOf = ({ disabled, hasOtp }: UserDto): string =>
  [disabled ? 'disabled' : 'active', ...(hasOtp ? ['one-time codes'] : [])].join(', ');
