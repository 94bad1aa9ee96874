import type { Cancellation } from '../../../contracts/executor.js';
import type { Collected } from '../collected-call.js';
import type { OutgoingRequest } from '../http-call.js';
import type { Streamed } from '../streamed-call.js';
import { ClientToken, tokenForm, type ClientCredentials, type TokenAnswer } from './client-token.js';

/** Calls as they are without a token. */
export interface PlainCalls {
  readonly timeoutMs: number;
  /** Host, where it is not the address that is called; flat. */
  readonly hostHeader: readonly string[];
  collectOnce(request: OutgoingRequest, cancellation: Cancellation): Promise<Collected>;
  streamOnce(request: OutgoingRequest, cancellation: Cancellation): Promise<Streamed>;
}

/** A token endpoint answers quickly, or the backend is not well. */
const LONGEST_ASKING_MS = 10_000;
const UNAUTHORIZED = 401;

/** No client waits for a token alone. */
const NOBODY: Cancellation = { cancelled: false, onCancel: () => undefined };

/** Calls of a system with client credentials: each carries a token; one that is refused with 401 is made once more, with a new one. */
export class AuthorizedCalls {
  private readonly token: ClientToken;

  constructor(
    private readonly calls: PlainCalls,
    private readonly credentials: ClientCredentials,
    { now }: { readonly now: () => number },
  ) {
    this.token = new ClientToken(() => this.ask(), now);
  }

  async collect(request: OutgoingRequest, cancellation: Cancellation): Promise<Collected> {
    const token = await this.token.get();
    const answer = await this.calls.collectOnce(withToken(request, token), cancellation);
    if (answer.status !== UNAUTHORIZED) return answer;
    const next = await this.another(token, null);
    if (next === null || !isKept(request)) return answer;
    return this.calls.collectOnce(withToken(request, next), cancellation);
  }

  async stream(request: OutgoingRequest, cancellation: Cancellation): Promise<Streamed> {
    const token = await this.token.get();
    const answer = await this.calls.streamOnce(withToken(request, token), cancellation);
    if (answer.status !== UNAUTHORIZED) return answer;
    const next = isKept(request) ? await this.another(token, answer) : null;
    if (next === null) return answer;
    answer.body.cancel();
    return this.calls.streamOnce(withToken(request, next), cancellation);
  }

  /**
   * Null where there is no other: what the backend answered stands. Where none can be had, the failure is ours, and no caller's.
   * @throws GatewayError CLIENT_TOKEN_FAILED
   */
  private async another(refused: string, answer: Streamed | null): Promise<string | null> {
    this.token.refused(refused);
    try {
      const token = await this.token.get();
      return token === refused ? null : token;
    } catch (error) {
      answer?.body.cancel();
      throw error;
    }
  }

  private async ask(): Promise<TokenAnswer> {
    const { status, body } = await this.calls.collectOnce(
      {
        method: 'POST',
        path: this.credentials.path,
        headers: [
          ...this.calls.hostHeader,
          ...['content-type', 'application/x-www-form-urlencoded', 'accept', 'application/json'],
        ],
        body: tokenForm(this.credentials),
        timeoutMs: Math.min(this.calls.timeoutMs, LONGEST_ASKING_MS),
      },
      NOBODY,
    );
    return { status, text: body.toString() };
  }
}

/** What was streamed once cannot be sent again. */
function isKept({ body }: OutgoingRequest): boolean {
  return body === null || typeof body === 'string' || Buffer.isBuffer(body);
}

function withToken(request: OutgoingRequest, token: string): OutgoingRequest {
  return { ...request, headers: [...request.headers, 'authorization', `Bearer ${token}`] };
}
