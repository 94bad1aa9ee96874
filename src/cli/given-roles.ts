import { CommandFailed } from './command-failed.js';

const USAGE = 2;
const ADMINISTRATORS = 'admin';

export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `--role`: `GATEWAY:ROLE` of administrators, `*` = all gateways; of other users the role itself. @throws CommandFailed */
export function givenRoles(roles: readonly string[], type: string): readonly unknown[] {
  if (type !== ADMINISTRATORS) return roles;
  return roles.map((text) => {
    const colon = text.lastIndexOf(':');
    if (colon > 0) return { gateway: text.slice(0, colon), role: text.slice(colon + 1) };
    throw new CommandFailed(`--role ${text}: name the gateway, too, such as *:${text} for all of them.`, USAGE);
  });
}

export const shownRoles = (
  roles: readonly { readonly gateway: string; readonly role: string }[],
  type: string,
): string => roles.map(({ gateway, role }) => (type === ADMINISTRATORS ? `${gateway}:${role}` : role)).join(',') || '-';
