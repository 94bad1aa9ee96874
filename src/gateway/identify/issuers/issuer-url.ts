const LONGEST_URL = 2048;
/** What URL would mend in silence, such as spaces around it, no token says the same way. */
const WRITTEN = /^https?:\/\/[\x21-\x7e]+$/;

/** Why something cannot be the address of an issuer, or of its keys; null where it can. The message goes on after it. */
export function issuerUrlFault(text: string, query: 'withQuery' | 'withoutQuery'): string | null {
  if (text.length > LONGEST_URL) return `is longer than ${LONGEST_URL} characters`;
  const url = WRITTEN.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (url === null) return 'is no absolute address: it should be like https://login.example.com/realms/main';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  if (text.includes('#')) return 'must not have a fragment';
  return query === 'withoutQuery' && text.includes('?') ? 'must not have a query' : null;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Whoever stands between us and it could give us keys of his own. */
export function isUnprotected(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && !LOOPBACK.test(hostname);
}

export function isDowngrade(issuer: string, jwksUri: string): boolean {
  return issuer.startsWith('https:') && !jwksUri.startsWith('https:');
}
