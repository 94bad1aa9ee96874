import { inputRefused, type InputFault } from '../input/input-faults.js';
import { ADMIN_ROLES, ADMIN_TYPE, ALL_GATEWAYS, type GrantedRole, grantedRole, roleText } from '../roles.js';
import { wasText, type RoleDto } from './role.dto.js';

/**
 * Roles as they are stored: `{gateway}:{role}` of administrators, plain texts of all others.
 * @throws Refused INPUT_INVALID that names each role that cannot be
 */
export function storedRoles(type: string, roles: readonly RoleDto[]): readonly string[] {
  const problems = roles.map((role) => (type === ADMIN_TYPE ? problemOfAdmins(role) : problemOfOthers(role)));
  const faults = problems.flatMap((problem, index): readonly InputFault[] =>
    problem === null ? [] : [{ pointer: `/roles/${index}${problem.below}`, message: problem.message }],
  );
  if (faults.length > 0) throw inputRefused(faults);
  return [...new Set(roles.map((role) => (type === ADMIN_TYPE ? roleText(role) : role.role)))];
}

export const shownRoles = (type: string, roles: readonly string[]): readonly GrantedRole[] =>
  roles.map((role) => (type === ADMIN_TYPE ? grantedRole(role) : { gateway: ALL_GATEWAYS, role }));

type Problem = { readonly below: string; readonly message: string } | null;

function problemOfAdmins(role: RoleDto): Problem {
  if (wasText(role)) return { below: '', message: 'must be an object {gateway, role}: of an administrator' };
  if ((ADMIN_ROLES as readonly string[]).includes(role.role)) return null;
  return { below: '/role', message: `must be one of ${ADMIN_ROLES.join(', ')}` };
}

function problemOfOthers({ gateway }: RoleDto): Problem {
  if (gateway === ALL_GATEWAYS) return null;
  return { below: '/gateway', message: 'must be *: only administrators have roles of a gateway' };
}
