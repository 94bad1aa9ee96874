import { GatewayError } from '../../../errors/gateway.error.js';

export interface ClientCredentials {
  readonly clientId: string;
  readonly secret: string;
  /** With the path of the base URL. */
  readonly path: string;
}

/** What a token endpoint answered. */
export interface TokenAnswer {
  readonly status: number;
  readonly text: string;
}

/** So long before its end a token is renewed, but at most a tenth of its life before. */
const MARGIN_MS = 30_000;
/** So long after a failure nobody asks again: calls fail at once, with the same reason. */
const PAUSE_MS = 1000;
/** A token without an end is asked for again after a day. */
const LONGEST_LIFE_MS = 86_400_000;

interface Kept {
  readonly token: string;
  readonly askedAtMs: number;
  readonly renewAtMs: number;
  readonly endsAtMs: number;
}

/**
 * A token by client credentials (RFC 6749, 4.4): one question for all who wait, renewed beside the calls before it ends, and asked
 * for again when the backend refuses it. While a renewal fails the old one is used to its end.
 */
export class ClientToken {
  private kept: Kept | null = null;
  private asking: Promise<string> | null = null;
  private failure: GatewayError | null = null;
  private failedAtMs = -Infinity;

  /** @param ask fetches a new one; rejects with a GatewayError */
  constructor(
    private readonly ask: () => Promise<TokenAnswer>,
    private readonly now: () => number,
  ) {}

  /** At once where there is one. @throws GatewayError */
  get(): string | Promise<string> {
    const { kept } = this;
    const now = this.now();
    if (kept === null || now >= kept.endsAtMs) return this.renewed();
    if (now >= kept.renewAtMs) this.renewed().catch(() => undefined);
    return kept.token;
  }

  /** The backend refused this one: the next call gets another. One that is new already is not better the next time. */
  refused(token: string): void {
    if (this.kept?.token === token && this.now() - this.kept.askedAtMs >= PAUSE_MS) this.kept = null;
  }

  private renewed(): Promise<string> {
    if (this.asking !== null) return this.asking;
    if (this.failure !== null && this.now() - this.failedAtMs < PAUSE_MS) return Promise.reject(this.failure);
    const asking = this.fetched().finally(() => (this.asking = null));
    this.asking = asking;
    return asking;
  }

  private async fetched(): Promise<string> {
    const askedAtMs = this.now();
    try {
      const { token, lifeMs } = readToken(await this.ask());
      const endsAtMs = askedAtMs + lifeMs;
      this.kept = { token, askedAtMs, endsAtMs, renewAtMs: endsAtMs - Math.min(MARGIN_MS, lifeMs / 10) };
      this.failure = null;
      return token;
    } catch (error) {
      this.failedAtMs = this.now();
      this.failure =
        error instanceof GatewayError && error.error === 'CLIENT_TOKEN_FAILED'
          ? error
          : new GatewayError('CLIENT_TOKEN_FAILED', { cause: error });
      throw this.failure;
    }
  }
}

export function tokenForm({ clientId, secret }: ClientCredentials): string {
  return new URLSearchParams({
    client_id: clientId,
    client_secret: secret,
    grant_type: 'client_credentials',
  }).toString();
}

/** What an answer says is never shown: it may hold what it refuses. */
function readToken({ status, text }: TokenAnswer): { readonly token: string; readonly lifeMs: number } {
  if (status < 200 || status > 299) throw failed(`the token endpoint answers with status ${status}`);
  const answer = membersOf(text);
  const token = answer?.['access_token'] ?? answer?.['token'];
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw failed('the token endpoint answers without a usable access_token or token');
  const seconds = Number(answer?.['expires_in'] ?? Infinity);
  const lifeMs = Number.isNaN(seconds) ? LONGEST_LIFE_MS : Math.min(Math.max(0, seconds) * 1000, LONGEST_LIFE_MS);
  return { token, lifeMs };
}

function failed(cause: string): GatewayError {
  return new GatewayError('CLIENT_TOKEN_FAILED', { cause });
}

function membersOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
