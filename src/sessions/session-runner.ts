import type { LocalRequest, LocalResponse, LocalRunner } from '../contracts/local-runner.js';
import { NO_SESSION, SessionFault, WRONG_METHOD } from './session-fault.js';
import { SessionInput } from './session-input.js';
import { readSessionPath, type SessionAction } from './session-path.js';
import type { StoredSessions } from './stored-sessions.js';

type Act = (input: SessionInput, sessions: StoredSessions) => Promise<object>;

/** What each action answers as payload (spec/identity.md, "The built-in identity and session runner"). */
const ACTS: Readonly<Record<SessionAction, Act>> = {
  touch: async (input, sessions) => ({ session: await sessions.touch(input.originKey()) }),
  extend: async (input, sessions) => {
    const session = await sessions.extend(input.namedKey());
    if (session === null) throw new SessionFault(NO_SESSION, 'the origin has no session');
    return { session };
  },
  extendList: (input, sessions) => sessions.extendList(input.keys()),
  stitch: async (input, sessions) => ({ session: await sessions.stitch(input.originKey(), input.oldOriginKey()) }),
  expire: async (input, sessions) => ({ expired: await sessions.expire(input.namedKey(), input.sessionId()) }),
};

/** The built-in session server. */
export class SessionRunner implements LocalRunner {
  constructor(
    private readonly sessions: StoredSessions,
    /** Epoch ms. */
    private readonly now: () => number = Date.now,
  ) {}

  async handle(request: LocalRequest): Promise<LocalResponse> {
    const receiveTime = this.now();
    try {
      const payload = await this.answer(request);
      return event(payload, { receiveTime, endTime: this.now(), status: 'SUCCESS' });
    } catch (error) {
      if (!(error instanceof SessionFault)) throw error;
      const { code, message } = error;
      return event({}, { receiveTime, endTime: this.now(), status: 'ERROR', error: { code, message } });
    }
  }

  private async answer({ method, target, path, event: text }: LocalRequest): Promise<object> {
    const place = readSessionPath(target, path);
    if (method !== 'POST') throw new SessionFault(WRONG_METHOD, 'sessions are asked by POST');
    return ACTS[place.action](new SessionInput(text, place), this.sessions);
  }
}

function event(payload: object, result: object): LocalResponse {
  return { status: 200, body: JSON.stringify({ payload, result }) };
}
