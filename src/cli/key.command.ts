import type { Command } from 'commander';
import type { KeyDto } from '../admin/keys/key.dto.js';
import type { LocalAdministration } from '../admin/local-administration.js';
import { reporting } from './command-failed.js';
import { collect, givenRoles, shownRoles } from './given-roles.js';
import { type AdministrationParts, withAdministration } from './open-administration.js';
import { type SettingsOptions, takesSettings } from './settings-arguments.js';
import { tellRows } from './show-rows.js';
import type { Terminal } from './terminal.js';
import { userNamed } from './user-named.js';

const MOST_AT_ONCE = 1000;
const TYPE = ['--type <type>', 'type of the user', 'admin'] as const;

interface ListOptions extends SettingsOptions {
  readonly type: string;
  readonly user?: string;
  readonly json?: boolean;
}
interface CreateOptions extends SettingsOptions {
  readonly type: string;
  readonly name?: string;
  readonly role?: readonly string[];
  readonly expires?: string;
  readonly json?: boolean;
}

/** `sluice key …`: API keys of users. */
export function registerKey(program: Command, parts: AdministrationParts): void {
  const { terminal } = parts;
  const key = program.command('key').description('API keys of users');
  const working = (options: SettingsOptions, work: (administration: LocalAdministration) => Promise<void>) =>
    reporting(terminal, () => withAdministration(options, parts, work));

  takesSettings(key.command('list'))
    .description('list API keys, without the keys themselves')
    .option(...TYPE)
    .option('--user <name>', 'of this user alone')
    .option('--json', 'as JSON')
    .action((options: ListOptions) => working(options, (administration) => list(administration, options, terminal)));

  takesSettings(key.command('create'))
    .argument('<user>', 'name or id of its user')
    .description('create an API key: it is printed once, and kept nowhere')
    .option(...TYPE)
    .option('--name <text>', 'what it is for')
    .option('--role <role>', 'as of `user create`; without it those of the user; many times', collect)
    .option('--expires <moment>', 'such as 2030-01-31T12:00:00Z; without it never')
    .option('--json', 'as JSON')
    .action((user: string, options: CreateOptions) =>
      working(options, async (administration) => {
        const { type, name, role, expires } = options;
        const roles = role === undefined ? null : givenRoles(role, type);
        const { id } = await userNamed(administration, { name: user, type });
        const made = await administration.createKey({
          user: id,
          ...(name !== undefined && { name }),
          ...(roles !== null && { roles }),
          ...(expires !== undefined && { expires }),
        });
        terminal.out(options.json === true ? JSON.stringify(made, null, 2) : made.key);
        if (options.json !== true) terminal.error(`Its id is ${made.id}. The key is not shown again.`);
      }),
    );

  takesSettings(key.command('delete'))
    .argument('<id>', 'id of the key')
    .description('delete an API key: it holds no longer')
    .action((id: string, options: SettingsOptions) =>
      working(options, async (administration) => {
        await administration.deleteKey(id);
        terminal.out(`deleted key ${id}`);
      }),
    );
}

async function list(administration: LocalAdministration, options: ListOptions, terminal: Terminal): Promise<void> {
  const { type, user: name } = options;
  const user = name === undefined ? null : await userNamed(administration, { name, type });
  const keys: KeyDto[] = [];
  for (let skip = 0; ; skip += MOST_AT_ONCE) {
    const query = { type, skip, limit: MOST_AT_ONCE, ...(user !== null && { user: user.id }) };
    const page = await administration.keys(query);
    keys.push(...page.list);
    if (page.list.length === 0 || keys.length >= page.total) break;
  }
  if (options.json === true) return terminal.out(JSON.stringify(keys, null, 2));
  const rows = keys.map((key) => [
    key.id,
    key.name ?? '-',
    shownRoles(key.roles, type),
    key.expires ?? 'never',
    key.user,
  ]);
  tellRows(terminal, ['id', 'name', 'roles', 'expires', 'user'], rows);
}
