/** What takes the place of a secret. */
export const MASK = '********';

/** Names that are secrets wherever they stand (spec/components.md, "Secret are"). */
const TELLING = /secret|password|passwd|credential|api[-_. ]?key|access[-_. ]?key/i;
const BY_PLACE =
  /(?:^|\.)(?:token|clientSecret|config|configString)$|(?:^|[._])jaas[._]config$|(?:^|\.)(?:header|cookie)\../i;
/** User-info of every URL in a text; a password may hold @ itself, and lookups, which hold # and ?. */
const USER_INFO = /([a-z0-9+.-]:\/\/)(?:[$#]!?\{\{[^{}]*\}\}|(?![$#]!?\{\{)[^/?#\s"])*@/gi;

/** Whether the name alone says that whatever stands under it is secret, objects and lists included. */
export function tellsSecret(name: string): boolean {
  return TELLING.test(name);
}

/** Whether a plain value under this name is secret. */
export function isSecretName(name: string): boolean {
  return TELLING.test(name) || BY_PLACE.test(name);
}

export function withoutUserInfo(text: string): string {
  return text.includes('://') ? text.replace(USER_INFO, '$1') : text;
}

/** A value as a message may show it: short, and never a secret. */
export function shown(name: string, value: unknown, secret: boolean): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (secret || isSecretName(name)) return `"${MASK}"`;
  const text = typeof value === 'string' ? withoutUserInfo(value) : value;
  return shortened(JSON.stringify(text));
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 76)}…"` : text;
}
