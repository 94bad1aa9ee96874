import { aCompiledChannel } from './an-exchange.js';
import type { Cancellable, Cancellation, RunnerAnswer, RunnerCall } from '../../src/contracts/executor.js';
import type { TokenRecord } from '../../src/contracts/records.js';
import { refusal } from '../../src/gateway/stage.js';
import { NOBODY } from '../../src/gateway/identify/provider/bounded-call.js';
import { ProviderClient } from '../../src/gateway/identify/provider/provider-client.js';
import { tokenKindOf, type TokenKind } from '../../src/gateway/identify/token-kind.js';
import { ApiKeys, type KeyRequest } from '../../src/gateway/identify/keys/api-keys.js';

export const PROVIDER = { channel: 'auth', urls: { resolveKey: '/keys/{type}' } };
export const KEY_CLAIMS: NonNullable<TokenRecord['claims']> = [
  { name: 'sub', source: 'user.id', special: 'ORIGIN_ID' },
  { name: 'kind', value: 'partner', special: 'ORIGIN_TYPE' },
  { name: 'roles', source: 'user.roles', special: 'ROLES' },
  { name: 'mail', source: '$.access.email' },
  { name: 'spare', source: 'token.refresh_token' },
];
export const keyKindOf = (given: Partial<TokenRecord> = {}, id = 'user'): TokenKind =>
  tokenKindOf(
    id,
    { signingSecret: 's'.repeat(64), claims: KEY_CLAIMS, provider: PROVIDER, ...given },
    { allowUnsigned: false },
  ).kind!;
export const KEY_KIND = keyKindOf();
export const KEY_REQUEST: KeyRequest = { requestId: 'r-1', traceparent: '00-a-b-01', origin: '{}', deadline: Infinity };

export type Execute = (call: RunnerCall) => RunnerAnswer | Promise<RunnerAnswer>;
export const says = (payload: object): RunnerAnswer => ({
  kind: 'event',
  status: 200,
  text: JSON.stringify({ payload }),
});
export const status = (code: number): RunnerAnswer => ({ kind: 'event', status: code, text: '{}' });
export const ADA = says({ user: { id: 'ada', roles: ['clerk'] } });
export const REFUSED = status(401);

/** API keys, a clock that stands, and a provider that answers as the test says. */
export function apiKeyWorld(answer: Execute = () => ADA, given: { mostKeys?: number; inForce?: boolean } = {}) {
  const clock = { nowMs: 1_700_000_000_000 };
  const now = () => clock.nowMs;
  const calls: RunnerCall[] = [];
  const execute = async (call: RunnerCall) => {
    calls.push(call);
    return answer(call);
  };
  const channelOf = (id: string) =>
    aCompiledChannel('event', {
      id,
      callee: { takes: 'event', execute },
      outOfForce: given.inForce === false ? refusal('CHANNEL_BROKEN') : null,
    });
  const channels = new Map(['auth', 'other'].map((id) => [id, channelOf(id)]));
  const routes = { current: { revision: 1, channels, aliases: null! } };
  const providers = new ProviderClient(routes, { maxAnswerBytes: 10_000, now });
  const keys = new ApiKeys({ providers, now, ...(given.mostKeys === undefined ? {} : { mostKeys: given.mostKeys }) });
  const resolve = (key: string, kind = KEY_KIND, cancellation = NOBODY) =>
    keys.resolve(kind, key, KEY_REQUEST, cancellation);
  return { clock, calls, keys, resolve };
}

/** A provider that answers when the test says so. */
export function held() {
  let free!: (answer: RunnerAnswer) => void;
  const answer = new Promise<RunnerAnswer>((resolve) => (free = resolve));
  return { free, answer };
}

/** As an exchange: one listener, and a client that may go. */
export class LeavingClient implements Cancellation {
  cancelled = false;
  listener: Cancellable | null = null;

  onCancel(listener: Cancellable | null): void {
    this.listener = listener;
  }

  leave(): void {
    this.cancelled = true;
    this.listener?.cancel();
  }
}
