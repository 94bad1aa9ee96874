/** Roles of administrators, the least first: each may do what those before it may (spec/identity.md, "Administrators"). */
export const ADMIN_ROLES = ['viewer', 'editor', 'operator', 'admin'] as const;
export type AdminRole = (typeof ADMIN_ROLES)[number];

/** The type of users that are administrators. */
export const ADMIN_TYPE = 'admin';
/** Instead of a gateway's id. */
export const ALL_GATEWAYS = '*';
/** What the last who has it keeps. */
export const ROOT_ROLE = `${ALL_GATEWAYS}:admin`;

export interface GrantedRole {
  readonly gateway: string;
  readonly role: string;
}

/** As it is stored. */
export const roleText = ({ gateway, role }: GrantedRole): string => `${gateway}:${role}`;

/** What is stored without a gateway counts for none of them less than for all: who may touch it must have all. */
export function grantedRole(text: string): GrantedRole {
  // A gateway's id may hold colons, a role does not.
  const colon = text.lastIndexOf(':');
  return colon === -1
    ? { gateway: ALL_GATEWAYS, role: text }
    : { gateway: text.slice(0, colon), role: text.slice(colon + 1) };
}

/** 0: none. */
const rankOf = (role: string): number => ADMIN_ROLES.indexOf(role as AdminRole) + 1;

/** Rank of the highest role for a gateway; for `*`, of those alone that hold for all. */
function rankAt(roles: readonly string[], gateway: string): number {
  let highest = 0;
  for (const text of roles) {
    if (!text.includes(':')) continue;
    const granted = grantedRole(text);
    if (granted.gateway === gateway || granted.gateway === ALL_GATEWAYS)
      highest = Math.max(highest, rankOf(granted.role));
  }
  return highest;
}

/** What somebody may do, by the roles of the user and, where a key is used, of the key: never more than both allow. */
export class Authority {
  /** Of who sits at the machine itself: the command line. */
  static readonly ROOT = new Authority([ROOT_ROLE], null);

  constructor(
    private readonly userRoles: readonly string[],
    private readonly keyRoles: readonly string[] | null,
  ) {}

  /** The role in effect for a gateway; null: none. */
  roleAt(gateway: string): AdminRole | null {
    return ADMIN_ROLES[this.rankAt(gateway) - 1] ?? null;
  }

  has(role: AdminRole, gateway: string): boolean {
    return this.rankAt(gateway) >= rankOf(role);
  }

  /** Whether each of these stored roles is of a gateway whose admin this is: nobody gives, takes or changes what is beyond that. */
  covers(roles: readonly string[]): boolean {
    return roles.every((text) => this.has('admin', grantedRole(text).gateway));
  }

  private rankAt(gateway: string): number {
    const ofUser = rankAt(this.userRoles, gateway);
    return this.keyRoles === null ? ofUser : Math.min(ofUser, rankAt(this.keyRoles, gateway));
  }
}
