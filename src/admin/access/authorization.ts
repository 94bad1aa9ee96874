/** What follows the scheme in Authorization, whatever its case; null: it is another scheme, or none. */
export function afterScheme(authorization: string | undefined, scheme: string): string | null {
  if (authorization === undefined) return null;
  const space = authorization.indexOf(' ');
  if (space === -1 || authorization.slice(0, space).toLowerCase() !== scheme.toLowerCase()) return null;
  const value = authorization.slice(space + 1).trim();
  return value === '' ? null : value;
}
