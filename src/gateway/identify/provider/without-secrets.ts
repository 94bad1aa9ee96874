/** Who someone is, which messages may tell. */
const NAMES: ReadonlySet<string> = new Set(['username', 'client_id']);
/** What is shorter may stand in any text by chance. */
const SHORTEST = 4;

/** A server's message without the credentials that it was sent, should it repeat them, as they are or as JSON has them. */
export function withoutSecrets(message: string, auth: ReadonlyMap<string, string>): string {
  const secrets = [...auth].filter(([name, value]) => value.length >= SHORTEST && !NAMES.has(name));
  // The longest first: where one begins another, the rest of that would stay.
  secrets.sort(([, one], [, other]) => other.length - one.length);
  let clean = message;
  for (const [, value] of secrets)
    clean = clean.replaceAll(value, '***').replaceAll(JSON.stringify(value).slice(1, -1), '***');
  return clean;
}
