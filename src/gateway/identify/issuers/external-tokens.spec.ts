import { beforeEach, describe, expect, it } from '@jest/globals';
import { anIssuerKey, hmacToken, twinOf, unsigned } from '../../../../test/support/issuer-key.js';
import type { ExternalIssuerRecord, TokenRecord } from '../../../contracts/records.js';
import type { Caller } from '../caller.js';
import { TokenChecks, type CheckedCaller } from '../token-checks.js';
import { tokenKindOf, type TokenKind } from '../token-kind.js';
import { revocationDigest } from '../tokens/revocation-digest.js';
import { tokenDigest, VerifiedTokens } from '../tokens/verified-tokens.js';
import type { IssuerCheck, IssuerDirectory } from './issuer.js';
import { publishedKeys } from './published-keys.js';
import { signedBy } from './signed-by.js';

const NOW_MS = 1_800_000_000_000;
const NOW = NOW_MS / 1000;
const ISSUER = 'https://login.example.com';
const SECRET = 's'.repeat(64);
const key = anIssuerKey('ES256', { kid: 'a' });
const CLAIMS = { iss: ISSUER, aud: 'api', sub: 'ada', exp: NOW + 60, roles: ['clerk'], email: 'a@b.example' };
const OWN = [
  { name: 'sub', source: 'user.id', special: 'ORIGIN_ID', element: 'user.id' },
  { name: 'type', value: 'user', special: 'ORIGIN_TYPE' },
];

function kindOf(external: Partial<ExternalIssuerRecord> = {}, record: TokenRecord = {}): TokenKind {
  const full = { issuer: ISSUER, audience: ['api'], ...external };
  const given = { signingSecret: SECRET, claims: OWN, ...record, external: full };
  return tokenKindOf('user', given, { allowUnsigned: false }).kind!;
}

class World {
  /** What the issuer's keys were asked about. */
  readonly asked: string[] = [];
  readonly revoked = new Set<string>();
  readonly verified = new VerifiedTokens<Caller>(100, () => NOW_MS);
  answer: IssuerCheck | Promise<IssuerCheck> | null = null;
  readonly checks: TokenChecks;

  constructor() {
    const keys = publishedKeys({ keys: [key.jwk] });
    const issuers: IssuerDirectory = {
      of: (place) => ({
        place,
        metadata: () => Promise.reject(new Error('not asked for')),
        check: (token, rules, nowMs) => {
          this.asked.push(token);
          return this.answer ?? signedBy(keys, token, place.issuer, { rules, nowMs }) ?? UNKNOWN;
        },
      }),
    };
    this.checks = new TokenChecks(
      this.verified,
      () => NOW_MS,
      (digest) => this.revoked.has(digest),
      issuers,
    );
  }

  check(token: string, kind = KIND): CheckedCaller {
    const checked = this.checks.check(kind, token, false);
    if (checked instanceof Promise) throw new Error('not at once');
    return checked;
  }
}
const UNKNOWN: IssuerCheck = { kind: 'bad', fault: 'key', claims: null, expiresAtMs: null };
const KIND = kindOf();

let world: World;
beforeEach(() => {
  world = new World();
});
const sign = (claims: Record<string, unknown> = {}) => key.sign({ ...CLAIMS, ...claims });
const faultOf = ({ fault }: CheckedCaller): string | null => fault;

describe('a token whose iss is the external issuer', () => {
  it('is checked by that issuer alone, and its caller is that of the record', async () => {
    const { caller } = world.check(await sign());
    expect(caller).toMatchObject({
      isGuest: false,
      origin: { type: 'user', id: 'ada' },
      expiresAtMs: (NOW + 60) * 1000,
    });
    expect(caller!.applied).toMatchObject({ roles: ['clerk'], payloadTail: ',"user":{"id":"ada"}' });
    expect(caller!.kind).toBe(KIND.external!.kind);
  });
  it('is found among those that are known when it comes again', async () => {
    const token = await sign();
    for (const _ of [1, 2, 3]) world.check(token);
    expect(world.asked).toHaveLength(2);
    expect(world.checks.known(KIND, token, false)).not.toBeNull();
  });
  it('never goes the way of our own, however it is signed', async () => {
    const own = { ...CLAIMS, sub: 'root' };
    const forged = [
      hmacToken({ alg: 'HS256', typ: 'JWT' }, own, SECRET),
      hmacToken({ alg: 'HS512', kid: 'a' }, own, key.publicPem),
      unsigned({ alg: 'none' }, own),
      await KIND.codec.issue({ sub: 'root' }, { nowMs: NOW_MS, lifeSeconds: 60 }).then((token) => {
        const [header, , signature] = token.split('.');
        return `${header}.${Buffer.from(JSON.stringify(own)).toString('base64url')}.${signature}`;
      }),
    ];
    for (const token of forged) expect(world.check(token).caller).toBeNull();
    expect(world.asked).toEqual(forged);
  });
  it('has no power where only its lie about iss is right', async () => {
    // By our own key: whoever has it may make tokens, but not in the name of the issuer.
    const kind = kindOf({}, { issuer: 'us' });
    const token = await kind.codec.issue({ sub: 'ada' }, { nowMs: NOW_MS, lifeSeconds: 60 });
    expect(world.check(token, kind).caller).not.toBeNull();
    expect(world.asked).toEqual([]);
  });
  it("stays the gateway's where the channel asks for a guest", async () => {
    expect(faultOf(world.checks.check(KIND, await sign(), true) as CheckedCaller)).toBe('algorithm');
    expect(world.asked).toEqual([]);
  });
});

describe('the claims of an external issuer', () => {
  it("stand for the record's", async () => {
    const claims = [
      { name: 'id', source: 'access.email', special: 'ORIGIN_ID' },
      { name: 'type', value: 'employee', special: 'ORIGIN_TYPE' },
      { name: 'iss', metaElement: 'issuer' },
    ];
    const { caller } = world.check(await sign(), kindOf({ claims }));
    expect(caller!.origin).toEqual({ type: 'employee', id: 'a@b.example' });
    expect(caller!.applied).toMatchObject({ claimsText: `{"issuer":"${ISSUER}"}`, payloadTail: '', roles: ['clerk'] });
  });
  it('may be none at all', async () => {
    const { caller } = world.check(await sign(), kindOf({ claims: [] }));
    expect(caller).toMatchObject({ origin: null, applied: { payloadTail: '', roles: ['clerk'] } });
  });
  it.each([undefined, null, '', 7, {}, ['ada']])('must have the user: sub %j is none', async (sub) => {
    expect(faultOf(world.check(await sign({ sub })))).toBe('claims');
  });
  it('are not those of a login, which the gateway writes itself', async () => {
    const claims = [...OWN, { name: 'login', source: 'access.login' }];
    const { caller } = world.check(await sign({ login: 'x'.repeat(43) }), kindOf({ claims }));
    expect(caller!.claims).not.toHaveProperty('login');
  });
  it('leave nothing behind but what the record wants', async () => {
    const { caller } = world.check(await sign({ secret: 'x'.repeat(2000) }));
    expect(Object.keys(caller!.claims).sort()).toEqual(['aud', 'exp', 'iss', 'roles', 'sub', 'type']);
  });
});

describe('a token of an external issuer that cannot be taken', () => {
  it('is expired, without a grace', async () => {
    const kind = kindOf({}, { gracePeriod: 600 });
    expect(world.check(await sign({ exp: NOW - 60 }), kind)).toEqual({ caller: null, fault: 'expired', expired: null });
  });
  it('is unchecked where the issuer is away, and not remembered', async () => {
    const token = await sign();
    world.answer = { kind: 'unchecked', cause: 'it is away', retryAfterSeconds: 3 };
    for (const _ of [1, 2, 3]) expect(world.check(token)).toMatchObject({ fault: 'unchecked', why: world.answer });
    world.answer = null;
    expect(world.check(token).caller).not.toBeNull();
  });
  it('is not remembered as bad where its key is not known: the issuer may publish it in a moment', async () => {
    const token = await sign();
    world.answer = UNKNOWN;
    for (const _ of [1, 2, 3]) expect(faultOf(world.check(token))).toBe('key');
    world.answer = null;
    expect(world.check(token).caller).not.toBeNull();
  });
  it('is remembered as bad for anything else', async () => {
    const token = await sign({ aud: 'other' });
    for (const _ of [1, 2, 3, 4]) expect(faultOf(world.check(token))).toBe('audience');
    expect(world.asked).toHaveLength(2);
  });
  it('is revoked by a logout, in both its spellings', async () => {
    const token = await sign();
    const twin = twinOf(token);
    for (const spelling of [token, twin])
      for (const _ of [1, 2, 3]) expect(world.check(spelling).caller).not.toBeNull();
    const digest = revocationDigest(token);
    world.revoked.add(digest);
    world.verified.revoke(digest);
    for (const spelling of [token, twin])
      expect([spelling, faultOf(world.check(spelling))]).toEqual([spelling, 'revoked']);
    expect(revocationDigest(twin)).toBe(digest);
  });
  it('stays revoked that a release before revoked by its own digest', async () => {
    const token = await sign();
    world.revoked.add(tokenDigest(token));
    expect(faultOf(world.check(token))).toBe('revoked');
  });
  it('is so for the time that its key is withdrawn', async () => {
    const token = await sign();
    for (const _ of [1, 2]) world.check(token);
    world.verified.forgetIf(({ kind }) => kind.issuedBy?.key === KIND.external!.place.key);
    world.answer = UNKNOWN;
    expect(faultOf(world.check(token))).toBe('key');
  });
});

it.each([
  ['no issuer', { sub: 'ada' }],
  ['another', { iss: 'https://other.example.com' }],
  ['one that is no text', { iss: [ISSUER] }],
])('a token that names %s is one of ours, or none', (_, claims) => {
  expect(faultOf(world.check(unsigned({ alg: 'HS512' }, claims)))).not.toBeNull();
  expect(world.asked).toEqual([]);
});
it.each(['', 'a', 'a.b', 'a.b.c', '..', `a.${'b'.repeat(10_000)}.c`, 'a.b.c.d.e', 'a.eyJpc3MiOiJ4.c', 'a.gICA.c'])(
  "a text that is none, %#, is nobody's",
  (text) => {
    expect(world.check(text).caller).toBeNull();
    expect(world.asked).toEqual([]);
  },
);
it('an escaped name of the claim iss is found as well', async () => {
  const payload = `{"i\\u0073s":"${ISSUER}","exp":9999999999}`;
  world.check(`e30.${Buffer.from(payload).toString('base64url')}.AAAA`);
  expect(world.asked).toHaveLength(1);
});

it('a token of our own that ES256 signs is revoked in both its spellings, too', async () => {
  const pem = key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const record = { signingSecret: pem, signingAlgorithm: 'ES256', claims: OWN };
  const kind = tokenKindOf('own', record, { allowUnsigned: false }).kind!;
  const token = await kind.codec.issue({ sub: 'ada' }, { nowMs: NOW_MS, lifeSeconds: 60 });
  for (const text of [token, twinOf(token)])
    for (const _ of [1, 2, 3]) expect(world.check(text, kind).caller).not.toBeNull();
  world.revoked.add(revocationDigest(token));
  world.verified.revoke(revocationDigest(token));
  for (const text of [token, twinOf(token)]) expect(faultOf(world.check(text, kind))).toBe('revoked');
});
