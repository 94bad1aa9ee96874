import { beforeEach, describe, expect, it } from '@jest/globals';
import { anIssuerKey, type IssuerKey } from '../../../../test/support/issuer-key.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { IssuerAway, issuerPlace, type IssuerCheck, type TokenRules } from './issuer.js';
import { ReadFailed } from './issuer-client.js';
import { KnownIssuer } from './known-issuer.js';

const NOW_MS = 1_800_000_000_000;
const ISSUER = 'https://login.example.com';
const CLAIMS = { iss: ISSUER, aud: 'api', sub: 'ada', exp: NOW_MS / 1000 + 60 };
const RULES: TokenRules = { use: 'access', audiences: new Set(['api']), takesAzp: false, authorizedParty: null };
const DOCUMENT = `${ISSUER}/.well-known/openid-configuration`;
const FALLBACK = `${ISSUER}/.well-known/oauth-authorization-server`;
const JWKS = `${ISSUER}/keys`;

/** An issuer whose answers come when the test says. */
class World {
  readonly clock = new ManualClock();
  readonly asked: string[] = [];
  readonly withdrawn: string[] = [];
  readonly troubles: (string | null)[] = [];
  keys: IssuerKey[] = [anIssuerKey('ES256', { kid: 'a' })];
  away: ReadFailed | null = null;
  document: Record<string, unknown> = { issuer: ISSUER, jwks_uri: JWKS };
  private gate: Promise<void> = Promise.resolve();

  open(jwksUri: string | null = JWKS): KnownIssuer {
    return new KnownIssuer(issuerPlace(ISSUER, jwksUri), {
      clock: this.clock,
      withdrawn: ({ issuer }) => this.withdrawn.push(issuer),
      state: (_, trouble) => this.troubles.push(trouble),
      question: () => async (url) => {
        this.asked.push(url);
        await this.gate;
        if (this.away !== null) throw this.away;
        if (url === JWKS) return { keys: this.keys.map(({ jwk }) => jwk) };
        if (url === DOCUMENT) return this.document;
        throw new ReadFailed('answers 404, not 200', 404);
      },
    });
  }

  /** Answers wait until the function that it gives is called. */
  hold(): () => void {
    let release = (): void => undefined;
    this.gate = new Promise((resolve) => (release = resolve));
    return release;
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}

let world: World;
beforeEach(() => {
  world = new World();
});
const token = (key = world.keys[0]!, claims = {}) => key.sign({ ...CLAIMS, ...claims });
const saying = (checked: IssuerCheck): string => (checked.kind === 'bad' ? checked.fault : checked.kind);
const check = async (issuer: KnownIssuer, text: string): Promise<string> =>
  saying(await issuer.check(text, RULES, NOW_MS));
const GONE = new ReadFailed('refuses the connection');

describe('the keys of an issuer', () => {
  it('are read once it is named, whoever asks', async () => {
    world.open();
    await world.settle();
    expect(world.asked).toEqual([JWKS]);
    expect(world.troubles).toEqual([null]);
  });
  it('are discovered where the record does not say where they are', async () => {
    const issuer = world.open(null);
    expect(await check(issuer, await token())).toBe('good');
    expect(world.asked).toEqual([DOCUMENT, JWKS]);
  });
  it('answer at once where they are known', async () => {
    const issuer = world.open();
    await world.settle();
    expect(issuer.check(await token(), RULES, NOW_MS)).toMatchObject({ kind: 'good', claims: { sub: 'ada' } });
    expect(issuer.check('x.y.z', RULES, NOW_MS)).toMatchObject({ kind: 'bad' });
  });
  it('are one question for all who wait', async () => {
    const release = world.hold();
    const issuer = world.open(null);
    const text = await token();
    const all = [1, 2, 3].map(() => check(issuer, text));
    release();
    expect(await Promise.all(all)).toEqual(['good', 'good', 'good']);
    expect(world.asked).toEqual([DOCUMENT, JWKS]);
  });
  it('are waited for by 1000 requests at most', async () => {
    const release = world.hold();
    const issuer = world.open();
    const text = await token();
    const all = Array.from({ length: 1000 }, () => issuer.check(text, RULES, NOW_MS));
    expect(issuer.check(text, RULES, NOW_MS)).toMatchObject({
      ...{ kind: 'unchecked', cause: expect.stringContaining('too many') },
    });
    release();
    await Promise.all(all.map((each) => Promise.resolve(each)));
    expect(issuer.check(text, RULES, NOW_MS)).toMatchObject({ kind: 'good' });
  });
  it('are read anew after 10 minutes, without a request', async () => {
    world.open();
    await world.settle();
    world.clock.advance(599_999);
    expect(world.asked).toHaveLength(1);
    world.clock.advance(1);
    await world.settle();
    expect(world.asked).toHaveLength(2);
    world.clock.advance(600_000);
    expect(world.asked).toHaveLength(3);
  });
  it('are kept while the issuer is away, and asked for every 10 s', async () => {
    const issuer = world.open();
    await world.settle();
    world.away = GONE;
    const text = await token();
    world.clock.advance(600_000);
    await world.settle();
    expect(world.troubles).toEqual([null, 'refuses the connection']);
    for (const _ of [1, 2, 3]) {
      world.clock.advance(10_000);
      await world.settle();
      expect(await check(issuer, text)).toBe('good');
    }
    expect(world.asked).toHaveLength(5);
    world.away = null;
    world.clock.advance(10_000);
    await world.settle();
    expect(world.troubles.at(-1)).toBeNull();
  });
  it('that are withdrawn are told, and count no more', async () => {
    const issuer = world.open();
    await world.settle();
    const old = await token();
    world.keys = [anIssuerKey('ES256', { kid: 'b' })];
    world.clock.advance(600_000);
    await world.settle();
    expect(world.withdrawn).toEqual([ISSUER]);
    expect(await check(issuer, old)).toBe('key');
    world.keys.unshift(anIssuerKey('ES256', { kid: 'c' }));
    world.clock.advance(600_000);
    await world.settle();
    expect(world.withdrawn).toEqual([ISSUER]);
  });
  it('are a trouble where none can be used', async () => {
    world.keys = [anIssuerKey('ES256', { jwk: { use: 'enc' } })];
    const issuer = world.open();
    await world.settle();
    expect(world.troubles).toEqual(['publishes no key that can be used (1; the first: not for signatures (use))']);
    expect(await check(issuer, await token())).toBe('key');
  });
  it('are asked for no more once it is closed', async () => {
    const issuer = world.open();
    await world.settle();
    issuer.close();
    world.clock.advance(6_000_000);
    expect(await check(issuer, await token(anIssuerKey()))).toBe('key');
    expect([world.asked.length, world.clock.waits]).toEqual([1, []]);
  });
  it('leave no timer behind that are read while it is closed', async () => {
    const release = world.hold();
    const issuer = world.open();
    issuer.close();
    release();
    await world.settle();
    expect([world.clock.waits, world.troubles]).toEqual([[], []]);
  });
});

describe('a token whose kid is not known', () => {
  it('asks the issuer again, and is good by what it answers', async () => {
    const issuer = world.open();
    await world.settle();
    const next = anIssuerKey('ES256', { kid: 'b' });
    world.keys.unshift(next);
    world.clock.advance(5000);
    expect(await check(issuer, await token(next))).toBe('good');
    expect(world.asked).toHaveLength(2);
  });
  it('asks once in 5 s, however many there are', async () => {
    const issuer = world.open();
    await world.settle();
    const forged = await token(anIssuerKey('ES256', { kid: 'forged' }));
    world.clock.advance(4999);
    for (const _ of [1, 2, 3]) expect(await check(issuer, forged)).toBe('key');
    expect(world.asked).toHaveLength(1);
    world.clock.advance(1);
    const many = Array.from({ length: 50 }, () => check(issuer, forged));
    expect(new Set(await Promise.all(many))).toEqual(new Set(['key']));
    expect(await check(issuer, forged)).toBe('key');
    expect(world.asked).toHaveLength(2);
  });
  it('of keys that have no kid asks as well: they may have changed', async () => {
    world.keys = [anIssuerKey('ES256', { kid: null })];
    const issuer = world.open();
    await world.settle();
    world.keys = [anIssuerKey('ES256', { kid: null })];
    world.clock.advance(5000);
    expect(await check(issuer, await token())).toBe('good');
    expect(world.withdrawn).toEqual([ISSUER]);
  });
  it('whose signature alone is wrong asks nobody', async () => {
    const issuer = world.open();
    await world.settle();
    world.clock.advance(5000);
    expect(await check(issuer, await token(anIssuerKey('ES256', { kid: 'a' })))).toBe('signature');
    expect(world.asked).toHaveLength(1);
  });
});

describe('an issuer that is away', () => {
  it('leaves tokens unchecked, with when to come again', async () => {
    world.away = GONE;
    const issuer = world.open();
    const text = await token();
    expect(await issuer.check(text, RULES, NOW_MS)).toEqual({
      ...{ kind: 'unchecked', retryAfterSeconds: 5 },
      cause: `the issuer ${ISSUER}: refuses the connection`,
    });
    world.clock.advance(3000);
    expect(issuer.check(text, RULES, NOW_MS)).toMatchObject({ kind: 'unchecked', retryAfterSeconds: 2 });
    expect(world.asked).toHaveLength(1);
    world.away = null;
    world.clock.advance(2000);
    expect(await check(issuer, text)).toBe('good');
  });
  it('leaves a token of an unknown key unchecked, and those of known keys good', async () => {
    const issuer = world.open();
    await world.settle();
    world.away = GONE;
    world.clock.advance(5000);
    const unknown = await token(anIssuerKey('ES256', { kid: 'b' }));
    expect(await check(issuer, unknown)).toBe('unchecked');
    expect(await check(issuer, unknown)).toBe('unchecked');
    expect(await check(issuer, await token())).toBe('good');
    expect(world.asked).toHaveLength(2);
  });
  it.each([
    ['another issuer', { issuer: 'https://evil.example.com' }, /to the letter/],
    ['its own with a slash', { issuer: `${ISSUER}/` }, /to the letter/],
    ['no issuer', { issuer: undefined }, /to the letter/],
    ['no keys', { jwks_uri: undefined }, /no jwks_uri/],
    ['keys at no address', { jwks_uri: 'file:///etc/passwd' }, /no address/],
    ['keys at no text', { jwks_uri: 7 }, /no address/],
    ['keys without TLS', { jwks_uri: 'http://login.example.com/keys' }, /without TLS/],
  ])('is one whose document names %s', async (_, members, reason) => {
    Object.assign(world.document, members);
    const issuer = world.open(null);
    const checked = await issuer.check(await token(), RULES, NOW_MS);
    expect(checked).toMatchObject({ kind: 'unchecked', cause: expect.stringMatching(reason) });
    expect(world.asked).not.toContain(JWKS);
  });
});

describe('the document of an issuer', () => {
  it('is that of RFC 8414 where there is none of OpenID Connect', async () => {
    const issuer = world.open(null);
    await world.settle();
    expect(world.asked[0]).toBe(DOCUMENT);
    world.asked.length = 0;
    const other = new KnownIssuer(issuerPlace('https://login.example.com', null), {
      clock: world.clock,
      withdrawn: () => undefined,
      state: () => undefined,
      question: () => async (url) => {
        world.asked.push(url);
        if (url === FALLBACK) return { issuer: ISSUER, jwks_uri: JWKS };
        throw new ReadFailed('answers 404, not 200', 404);
      },
    });
    expect((await other.metadata()).jwksUri).toBe(JWKS);
    expect(world.asked.slice(0, 2)).toEqual([DOCUMENT, FALLBACK]);
    issuer.close();
    other.close();
  });
  it('is told as a whole, at once where it is known', async () => {
    world.document.token_endpoint = `${ISSUER}/token`;
    const issuer = world.open(null);
    expect((await issuer.metadata()).document).toEqual(world.document);
    expect(issuer.metadata()).toMatchObject({ issuer: ISSUER, jwksUri: JWKS });
  });
  it('is an error while it cannot be had, and kept from then on', async () => {
    world.away = GONE;
    const issuer = world.open();
    const failure = await Promise.resolve(issuer.metadata()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(IssuerAway);
    expect(failure).toMatchObject({ message: 'refuses the connection', retryAfterSeconds: 5 });
    expect(() => issuer.metadata()).toThrow(IssuerAway);
    world.away = null;
    world.clock.advance(5000);
    expect(await issuer.metadata()).toMatchObject({ issuer: ISSUER });
    world.away = GONE;
    world.clock.advance(600_000);
    expect(issuer.metadata()).toMatchObject({ issuer: ISSUER });
  });
});
