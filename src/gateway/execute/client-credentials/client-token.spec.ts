import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../../errors/gateway.error.js';
import { ClientToken, tokenForm, type TokenAnswer } from './client-token.js';

const told = (answer: unknown, status = 200): TokenAnswer => ({ status, text: JSON.stringify(answer) });

/** A token whose endpoint answers what the test says, when it says so. */
function aToken(answers: readonly (TokenAnswer | Error)[] = [told({ access_token: 't1', expires_in: 100 })]) {
  const clock = { now: 0 };
  const left = [...answers];
  let asked = 0;
  const token = new ClientToken(
    async () => {
      asked++;
      const answer = left.shift() ?? new Error('asked too often');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    () => clock.now,
  );
  return { token, clock, asked: () => asked };
}
const failure = async (token: ClientToken): Promise<GatewayError> => {
  const error = await Promise.resolve(token.get()).catch((reason: unknown) => reason);
  if (error instanceof GatewayError) return error;
  throw new Error('It did not fail.');
};

describe('a token by client credentials', () => {
  it('is asked for once, and then at hand', async () => {
    const { token, asked } = aToken();
    expect(await token.get()).toBe('t1');
    expect([token.get(), asked()]).toEqual(['t1', 1]);
  });
  it('is asked for once by all who wait', async () => {
    const { token, asked } = aToken();
    expect(await Promise.all([token.get(), token.get(), token.get()])).toEqual(['t1', 't1', 't1']);
    expect(asked()).toBe(1);
  });
  it('may stand as token, too', async () => {
    expect(await aToken([told({ token: 'x' })]).token.get()).toBe('x');
  });
  it('is renewed beside the calls in the last tenth of its life', async () => {
    const { token, clock, asked } = aToken([
      ...[told({ access_token: 't1', expires_in: 100 }), told({ access_token: 't2', expires_in: 100 })],
    ]);
    await token.get();
    clock.now = 89_999;
    expect([token.get(), asked()]).toEqual(['t1', 1]);
    clock.now = 90_000;
    expect([token.get(), asked()]).toEqual(['t1', 2]);
    await new Promise(setImmediate);
    expect(token.get()).toBe('t2');
  });
  it('is renewed 30 s before its end at most', async () => {
    const { token, clock, asked } = aToken([
      told({ access_token: 't1', expires_in: 3600 }),
      told({ access_token: 't2' }),
    ]);
    await token.get();
    clock.now = 3_569_999;
    void token.get();
    expect(asked()).toBe(1);
    clock.now = 3_570_000;
    void token.get();
    expect(asked()).toBe(2);
  });
  it('is used to its end while it cannot be renewed', async () => {
    const { token, clock } = aToken([told({ access_token: 't1', expires_in: 100 }), new Error('away')]);
    await token.get();
    clock.now = 95_000;
    void token.get();
    await new Promise(setImmediate);
    expect(token.get()).toBe('t1');
    clock.now = 100_000;
    expect((await failure(token)).error).toBe('CLIENT_TOKEN_FAILED');
  });
  it('is another after the backend has refused it', async () => {
    const { token, clock } = aToken([told({ access_token: 't1' }), told({ access_token: 't2' })]);
    await token.get();
    clock.now = 1000;
    token.refused('t1');
    expect(await token.get()).toBe('t2');
  });
  it('is not asked for again where it is refused as soon as it came: the next would be as well', async () => {
    const { token, clock, asked } = aToken();
    await token.get();
    clock.now = 999;
    token.refused('t1');
    expect([token.get(), asked()]).toEqual(['t1', 1]);
  });
  it('stays where an older one was refused', async () => {
    const { token, clock } = aToken();
    await token.get();
    clock.now = 5000;
    token.refused('t0');
    expect(token.get()).toBe('t1');
  });
  it.each([
    ['an answer without a token', told({}), /without a usable/],
    ['a token that no header can carry', told({ access_token: 'a b' }), /without a usable/],
    ['HTML', { status: 200, text: '<html>' }, /without a usable/],
    ['null', told(null), /without a usable/],
    ['a refusal', told({ access_token: 'x' }, 400), /status 400/],
    ['an error', told({}, 500), /status 500/],
  ])('cannot be had from %s', async (_, answer, reason) => {
    const error = await failure(aToken([answer]).token);
    expect([error.error, String(error.cause)]).toEqual(['CLIENT_TOKEN_FAILED', expect.stringMatching(reason)]);
  });
  it('is not asked for again within a second of a failure', async () => {
    const { token, clock, asked } = aToken([told({}, 500), told({ access_token: 't2' })]);
    await failure(token);
    clock.now = 999;
    await failure(token);
    expect(asked()).toBe(1);
    clock.now = 1000;
    expect(await token.get()).toBe('t2');
  });
  it.each(['soon', -1, null])('with the life %j does not hold calls up for ever', async (expires_in) => {
    const { token } = aToken([told({ access_token: 't1', expires_in })]);
    expect(await token.get()).toBe('t1');
  });
  it('is asked for with a form that is encoded', () => {
    expect(tokenForm({ clientId: 'a b', secret: 's&=%', path: '' })).toBe(
      'client_id=a+b&client_secret=s%26%3D%25&grant_type=client_credentials',
    );
  });
});
