import { isMembers } from '../check/members.js';
import type { RestAnswer } from './rest-client.js';
import { SourceFailure } from './source-failure.js';

export interface ClientCredentials {
  readonly clientId: string;
  readonly secret: string;
  /** Relative to the base URL. */
  readonly tokenPath: string;
}

/** So long before its end a token is not used any more, but at most a tenth of its life. */
const MARGIN_SECONDS = 30;

/** A token by client credentials: fetched when it is needed, kept until shortly before it expires. */
export class ClientToken {
  private kept: { readonly token: string; readonly until: number } | null = null;

  constructor(
    private readonly credentials: ClientCredentials,
    private readonly fetch: (form: string) => Promise<RestAnswer>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws SourceFailure */
  async get(): Promise<string> {
    if (this.kept !== null && this.now() < this.kept.until) return this.kept.token;
    const { clientId, secret } = this.credentials;
    const form = new URLSearchParams({
      client_id: clientId,
      client_secret: secret,
      grant_type: 'client_credentials',
    });
    const askedAt = this.now();
    const { token, seconds } = readToken(await this.fetch(form.toString()));
    this.kept = { token, until: askedAt + (seconds - Math.min(MARGIN_SECONDS, seconds / 10)) * 1000 };
    return token;
  }

  forget(): void {
    this.kept = null;
  }
}

function readToken({ chunks }: RestAnswer): { readonly token: string; readonly seconds: number } {
  const answer = jsonOf(Buffer.concat(chunks).toString('utf8'));
  const token = isMembers(answer) ? (answer['access_token'] ?? answer['token']) : undefined;
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw new SourceFailure('answers without a usable access_token or token');
  }
  const seconds = Number(isMembers(answer) ? (answer['expires_in'] ?? Infinity) : Infinity);
  return { token, seconds: Number.isNaN(seconds) ? Infinity : Math.max(0, seconds) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
