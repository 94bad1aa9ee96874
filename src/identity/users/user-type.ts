const TYPE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** Users of this type administer gateways. */
export const ADMINISTRATORS = 'admin';

/** `Admin` would be a type of its own, whose users look like administrators. */
export function isUserType(type: string): boolean {
  return TYPE.test(type) && (type === ADMINISTRATORS || type.toLowerCase() !== ADMINISTRATORS);
}
