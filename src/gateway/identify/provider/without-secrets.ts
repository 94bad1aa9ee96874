/** Who someone is, which messages may tell. */
const NAMES: ReadonlySet<string> = new Set(['username', 'client_id']);
/** What is shorter may stand in any text by chance. */
const SHORTEST = 4;

/** A server's message without the credentials that it was sent, should it repeat them. */
export function withoutSecrets(message: string, auth: ReadonlyMap<string, string>): string {
  let clean = message;
  for (const [name, value] of auth)
    if (value.length >= SHORTEST && !NAMES.has(name)) clean = clean.replaceAll(value, '***');
  return clean;
}
