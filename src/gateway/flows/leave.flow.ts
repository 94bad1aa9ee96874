import { LedgerUnavailable, type TokenLedger } from '../../contracts/token-ledger.js';
import { callerOf, type Caller } from '../identify/caller.js';
import { graceEndsAt } from '../identify/token-kind.js';
import type { SessionServers } from '../identify/sessions/session-servers.js';
import { LOGIN_CLAIM } from '../identify/tokens/carried-tokens.js';
import { revocationDigest } from '../identify/tokens/revocation-digest.js';
import { tokenDigest } from '../identify/tokens/verified-tokens.js';
import type { Answer, Refusal } from '../stage.js';
import { endedCookies, plainAnswer, type AnswerRules } from './flow-answer.js';
import type { FlowRun } from './flow-run.js';
import { claimSource } from '../identify/provider/claim-source.js';
import { carriedAuth, ownAuth, type ProviderStep } from './provider-step.js';
import type { SagaStep } from './saga-step.js';
import type { Login } from './token-issuer.js';
import { TOKEN_INVALID, TOKEN_MISSING } from '../identify/token-refusals.js';

export interface LeaveParts {
  readonly provider: ProviderStep;
  readonly saga: SagaStep;
  readonly ledger: TokenLedger;
  readonly sessions: SessionServers;
  readonly csrf: AnswerRules['csrf'];
}

/** Who leaves: the gateway token that came, and who it says. */
export interface Leaver {
  readonly token: string;
  readonly caller: Caller;
}

/** logout and delete (spec/identity.md, "Flows"): afterwards the token, its login and its session are over. */
export class LeaveFlow {
  constructor(private readonly parts: LeaveParts) {}

  /** @param leaver null: no gateway token came, or one that has expired */
  async run(run: FlowRun, leaver: Leaver | null): Promise<Refusal | Answer> {
    const mayGoOn = leaver !== null || this.isKnownOtherwise(run);
    if (!mayGoOn) return TOKEN_MISSING;
    return run.action === 'logout' ? this.logOut(run, leaver) : this.delete(run, leaver);
  }

  /** What ends here ends whatever the authentication server says; of its failure the client is told. */
  private async logOut(run: FlowRun, leaver: Leaver | null): Promise<Refusal | Answer> {
    await this.end(run, leaver);
    const stopped = (await this.askProvider(run, leaver)) ?? (await this.parts.saga.run(run));
    // Who is not logged in there is logged out.
    return stopped === null || isRefusedToken(stopped) ? this.done(run) : stopped;
  }

  private async delete(run: FlowRun, leaver: Leaver | null): Promise<Refusal | Answer> {
    const stopped = (await this.askProvider(run, leaver)) ?? (await this.parts.saga.run(run));
    if (stopped !== null) return stopped;
    await this.end(run, leaver);
    return this.done(run);
  }

  private done(run: FlowRun): Answer {
    return plainAnswer(
      run.text,
      run.kind,
      endedCookies({ kind: run.kind, asCookies: run.asCookies, csrf: this.parts.csrf }),
    );
  }

  private async askProvider(run: FlowRun, leaver: Leaver | null): Promise<Refusal | Answer | null> {
    if (!run.thru) return null;
    const carried = leaver === null ? null : (run.kind.carrier?.read(leaver.caller.claims) ?? null);
    const action = run.action === 'logout' ? 'logout' : 'delete';
    const extra = isExternal(leaver)
      ? broughtAuth(run, leaver)
      : action === 'delete'
        ? ownAuth(carried)
        : carriedAuth(run.credentials, carried);
    if (action === 'delete' && leaver !== null && carried === null && !(await this.isOfLeaver(run, leaver)))
      return TOKEN_INVALID;
    const asked = await this.parts.provider.ask(run, action, { extra, bad: 'TOKEN_INVALID' });
    if (asked.kind !== 'answered') return asked;
    run.take(asked.answer);
    return null;
  }

  /** Whether an access token that came beside the gateway token is of the same user: two may not be deleted by halves. */
  private async isOfLeaver(run: FlowRun, { caller }: Leaver): Promise<boolean> {
    const { kind, exchange } = run;
    if (isExternalCaller(caller) || run.credential('access_token') === null || !this.parts.provider.has(run, 'resolve'))
      return true;
    const asked = await this.parts.provider.ask(run, 'resolve', { bad: 'TOKEN_INVALID' });
    if (asked.kind !== 'answered') return false;
    const { originId } = kind.claims.apply(kind.claims.issue(claimSource(asked.answer)).claims);
    const isSame = originId !== null && originId === caller.origin?.id;
    if (!isSame) exchange.cause = 'the access token is of another user than the gateway token';
    return isSame;
  }

  private async end(run: FlowRun, leaver: Leaver | null): Promise<void> {
    const { ledger } = this.parts;
    const ended: Promise<unknown>[] = [];
    const refreshToken = run.credential('refresh_token');
    // The session of a login that no gateway token names stands with the login.
    const login = leaver === null && refreshToken !== null ? await this.loginOf(run, refreshToken) : null;
    if (login !== null) ended.push(this.endSession(run, login));
    if (refreshToken !== null) ended.push(ledger.end(tokenDigest(refreshToken)));
    if (leaver !== null) {
      const { caller, token } = leaver;
      const acceptedTillMs = graceEndsAt(caller.kind, caller.expiresAtMs);
      ended.push(ledger.revoke(revocationDigest(token), acceptedTillMs));
      const digest = caller.claims[LOGIN_CLAIM];
      if (typeof digest === 'string' && DIGEST.test(digest)) ended.push(ledger.end(digest));
      ended.push(this.endSession(run, caller));
    }
    await Promise.all(ended);
  }

  /** Null where nobody knows it, or the store cannot be had now. */
  private async loginOf(run: FlowRun, refreshToken: string): Promise<Caller | null> {
    try {
      const use = await this.parts.ledger.use(refreshToken);
      if (use.kind !== 'current' || use.facts.tokenKind !== run.kind.id) return null;
      const { claims } = JSON.parse(use.facts.content) as Login;
      return callerOf({ kind: run.kind, claims, expiresAtMs: 0, isGuest: false });
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
      return null;
    }
  }

  private async endSession(run: FlowRun, { kind, origin, applied }: Caller): Promise<void> {
    if (kind.session === null || origin === null) return;
    const sessions = this.parts.sessions.of(kind.session);
    const { exchange } = run;
    // That of the login may have ended meanwhile, and another have begun.
    const current = await sessions.touch(origin, exchange, run.urlType || origin.type);
    const sessionId = current?.id ?? applied.sessionId;
    if (sessionId === null) return;
    await sessions.expire(origin, sessionId, exchange, run.urlType || origin.type);
  }

  /** A refresh token logs out by itself; what an access token may the authentication server says. */
  private isKnownOtherwise(run: FlowRun): boolean {
    if (run.action === 'logout' && run.credential('refresh_token') !== null) return true;
    return run.thru && run.credential('access_token') !== null;
  }
}

function isExternal(leaver: Leaver | null): leaver is Leaver {
  return leaver !== null && isExternalCaller(leaver.caller);
}

function isExternalCaller({ kind }: Caller): boolean {
  return kind.issuedBy !== null;
}

/** A token of an external issuer is the access token itself. */
function broughtAuth({ credentials }: FlowRun, { token }: Leaver): Record<string, string> {
  return credentials.values.has('access_token') ? {} : { access_token: token };
}

const DIGEST = /^[\w-]{43}$/;

function isRefusedToken(stopped: Refusal | Answer): boolean {
  return stopped.kind === 'refusal' && stopped.error === 'TOKEN_INVALID';
}
