import { describe, expect, it } from '@jest/globals';
import { endedLoginCookie, loginCookie, loginCookieRules, loginCookiesIn } from './login-cookies.js';
import { isState, LoginStates } from './login-states.js';
import { UsedStates } from './used-states.js';

const [OLD, NEW] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const OF = { redirectUri: 'https://app.example.org/', branch: 'main', remembers: true };

/** A replica with a clock; the ledger is that of all replicas, if any. */
function aReplica(ledger = new Map<string, number>()) {
  const clock = { now: 1_000_000 };
  const kept = {
    isRevoked: (digest: string) => ledger.has(digest),
    revoke: async (digest: string, endsAtMs: number) => void ledger.set(digest, endsAtMs),
  };
  return { states: new LoginStates(kept, () => clock.now), clock, ledger };
}

describe('a login under way', () => {
  it('is opened by any replica with a secret of the record, and says what was begun', () => {
    const [one, other] = [aReplica(), aReplica()];
    const login = one.states.begin(OF);
    const text = one.states.seal(login, [OLD], 'place');
    expect(other.states.open(text, [NEW, OLD], 'place')).toEqual(login);
    expect(login).toMatchObject(OF);
  });
  it.each<[string, (text: string) => [string, Buffer, string]]>([
    ['another secret', (text) => [text, NEW, 'place']],
    ['another place', (text) => [text, OLD, 'other']],
    ['a text that was cut', (text) => [text.slice(0, -1), OLD, 'place']],
    ['no text', () => ['', OLD, 'place']],
    ['any text', () => ['A'.repeat(200), OLD, 'place']],
  ])('is none with %s', (_what, given) => {
    const { states } = aReplica();
    const [text, key, place] = given(states.seal(states.begin(OF), [OLD], 'place'));
    expect(states.open(text, [key], place)).toBeNull();
  });
  it('is over after 10 minutes', () => {
    const { states, clock } = aReplica();
    const text = states.seal(states.begin(OF), [OLD], 'place');
    clock.now += 599_999;
    expect(states.open(text, [OLD], 'place')).not.toBeNull();
    clock.now += 1;
    expect(states.open(text, [OLD], 'place')).toBeNull();
  });
  it('counts once here, and once at all replicas that share a ledger', async () => {
    const [one, lonely] = [aReplica(), aReplica()];
    const other = aReplica(one.ledger);
    const login = one.states.begin(OF);
    expect(await Promise.all([one.states.take(login), one.states.take(login)])).toEqual([true, false]);
    expect(await other.states.take(login)).toBe(false);
    expect(await lonely.states.take(login)).toBe(true);
    expect([...one.ledger.values()]).toEqual([login.endsAtMs]);
    expect([...one.ledger.keys()].join()).not.toContain(login.state);
  });
  it('knows its state to the letter', () => {
    expect([isState('abc', 'abc'), isState('abc', 'abd'), isState('ab', 'abc'), isState('äb', 'abc')]).toEqual([
      ...[true, false, false, false],
    ]);
  });
});

describe('logins that are over', () => {
  it('are bounded in time and number, the oldest go first', () => {
    const clock = { now: 0 };
    const used = new UsedStates(() => clock.now, 3);
    for (const digest of ['a', 'b', 'c', 'd']) expect(used.take(digest, 600)).toBe(true);
    expect([used.size, used.take('d', 600), used.take('a', 600)]).toEqual([3, false, true]);
    clock.now = 600;
    expect([used.take('z', 1200), used.size]).toEqual([true, 1]);
  });
});

describe('the cookie of a login', () => {
  it.each([
    ['https://gw.example.org', '; Path=/api/auth; HttpOnly; SameSite=Lax; Secure'],
    ['https://gw.example.org/edge', '; Path=/edge/api/auth; HttpOnly; SameSite=Lax; Secure'],
    ['http://127.0.0.1:8080', '; Path=/api/auth; HttpOnly; SameSite=Lax'],
  ])('at %s has the attributes %s', (url, rules) => expect(loginCookieRules(url)).toBe(rules));
  it('is found by its name, and by no other', () => {
    const login = aReplica().states.begin(OF);
    const set = loginCookie(login, 'text', '; X');
    expect(set).toBe(`sluice-login.${login.state.slice(0, 8)}=text; Max-Age=600; X`);
    const [name] = set.split('=', 1);
    const header = `a=b; ${name}=text ;sluice-login=no; broken; Rierino-Auth.x=y`;
    expect([...loginCookiesIn(header)]).toEqual([[name, 'text']]);
    expect(endedLoginCookie(name!, '; X')).toBe(`${name}=; Max-Age=0; X`);
  });
});
