import { giveWay } from '../../contracts/give-way.js';
import { IdentityFault } from '../../contracts/identities.js';
import type { LocalRequest, LocalResponse, LocalRunner } from '../../contracts/local-runner.js';
import { needsRole, noSuchAction, notByKey, wrongMethod } from '../identity-faults.js';
import type { IdentityServer } from '../identity-server.js';
import type { ActionCall } from './action-call.js';
import { IDENTITY_ACTIONS, isOpenTo } from './identity-actions.js';
import { IdentityInput } from './identity-input.js';
import { readIdentityPath } from './identity-path.js';
import { ResolvePatterns } from './resolve-pattern.js';

/** What a browser may ask for by an address alone: it changes nothing. */
const READS: ReadonlySet<string> = new Set(['user/list', 'user/get', 'user/listKeys']);

/** The built-in identity server: answers events (spec/identity.md, "The built-in identity and session runner"). */
export class IdentityRunner implements LocalRunner {
  private readonly patterns = new ResolvePatterns();

  constructor(
    private readonly server: IdentityServer,
    /** Epoch ms. */
    private readonly now: () => number = Date.now,
  ) {}

  async handle(request: LocalRequest, signal: AbortSignal | null): Promise<LocalResponse> {
    const receiveTime = this.now();
    // A login is some ms of this thread: in pieces, so that no request waits for all of them.
    await giveWay();
    try {
      const payload = await this.answer(request, signal);
      await giveWay();
      return event(payload, { receiveTime, endTime: this.now(), status: 'SUCCESS' });
    } catch (error) {
      if (!(error instanceof IdentityFault)) throw error;
      return event({}, { receiveTime, endTime: this.now(), status: 'ERROR', error: errorOf(error) });
    }
  }

  private async answer(request: LocalRequest, signal: AbortSignal | null): Promise<object> {
    const { method, target, path, event: text } = request;
    const { type, action } = readIdentityPath(target, path);
    const act = IDENTITY_ACTIONS.get(action);
    if (act === undefined || !isOpenTo(type, action)) throw noSuchAction();
    if (method !== 'POST' && !(method === 'GET' && READS.has(action))) throw wrongMethod();
    checkAccess(action, request);
    const call: ActionCall = {
      ...{ type, signal, server: this.server, patterns: this.patterns },
      input: new IdentityInput(text),
    };
    return act(call);
  }
}

/** Of the user who calls: an API key may not take over its user's account. */
const OF_ONESELF = /^(?:delete|custom\/.*|otp\/.*)$/;

/** What no rule of a channel opens by oversight. @throws IdentityFault 403 */
function checkAccess(action: string, { opensTo, byApiKey }: LocalRequest): void {
  if (opensTo === 'users' && action.startsWith('user/')) throw needsRole();
  if (byApiKey === true && OF_ONESELF.test(action)) throw notByKey();
}

function errorOf({ code, status, message, retryAfterSeconds }: IdentityFault): object {
  const wait = retryAfterSeconds === null ? {} : { safePayload: { retryAfter: retryAfterSeconds } };
  return { code, message, http: status, ...wait };
}

function event(payload: object, result: object): LocalResponse {
  return { status: 200, body: JSON.stringify({ payload, result }) };
}
