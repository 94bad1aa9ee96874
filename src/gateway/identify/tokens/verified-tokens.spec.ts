import { describe, expect, it } from '@jest/globals';
import type { GoodToken } from './checked-token.js';
import { tokenDigest, VerifiedTokens } from './verified-tokens.js';

const good = (expiresAtMs: number, sub = 'ada'): GoodToken => ({
  ...{ kind: 'good', claims: { sub }, expiresAtMs, issuedAtMs: null },
});

describe('tokens found good', () => {
  let nowMs = 0;
  const tokens = (maxEntries = 800) => {
    nowMs = 1_000_000;
    return new VerifiedTokens<GoodToken>(maxEntries, () => nowMs);
  };

  it('are known by token and kind', () => {
    const cache = tokens();
    const ada = good(nowMs + 1000);
    cache.put('kind', 'token', ada);
    expect(cache.get('kind', 'token')).toBe(ada);
    expect(cache.get('other', 'token')).toBeNull();
    expect(cache.get('kind', 'token ')).toBeNull();
    expect(cache.size).toBe(1);
  });
  it('are as good as a check would say: until exp + 30 s, and not longer', () => {
    const cache = tokens();
    cache.put('kind', 'token', good(nowMs + 1000));
    nowMs += 30_999;
    expect(cache.get('kind', 'token')).not.toBeNull();
    nowMs += 1;
    expect([cache.get('kind', 'token'), cache.size]).toEqual([null, 0]);
    cache.put('kind', 'late', good(nowMs - 30_000));
    expect([cache.get('kind', 'late'), cache.size]).toEqual([null, 0]);
  });
  it('are replaced where the token is put again', () => {
    const cache = tokens();
    cache.put('kind', 'token', good(nowMs + 1000));
    cache.put('young', 'token', good(nowMs + 1000, 'bob'));
    expect([cache.get('kind', 'token'), cache.get('young', 'token')?.claims, cache.size]).toEqual([
      ...[null, { sub: 'bob' }, 1],
    ]);
  });
  it('are never more than there is room for', () => {
    const cache = tokens(80);
    for (let index = 0; index < 5000; index++) cache.put('kind', `token ${index}`, good(nowMs + 1000));
    expect(cache.size).toBe(80);
    expect(cache.get('kind', 'token 4999')).not.toBeNull();
  });
  it('make room where nobody asks for them', () => {
    const cache = tokens(800);
    const used = Array.from({ length: 100 }, (_, index) => `used ${index}`);
    for (const token of used) cache.put('kind', token, good(nowMs + 1000));
    let hits = 0;
    for (let index = 0; index < 4000; index++) {
      cache.put('kind', `token ${index}`, good(nowMs + 1000));
      if (index % 50 === 0) for (const token of used) if (cache.get('kind', token) !== null) hits++;
    }
    expect(hits).toBeGreaterThan(0.95 * 80 * used.length);
  });
  it('are cleared away when they expired, a row with each new one', () => {
    const cache = tokens(80);
    for (let index = 0; index < 60; index++) cache.put('kind', `token ${index}`, good(nowMs + 1000));
    nowMs += 60_000;
    for (let index = 0; index < 10; index++) cache.put('kind', 'young', good(nowMs + 1000));
    expect(cache.size).toBe(1);
  });
  it('are gone when revoked, and a check that was under way does not bring them back', () => {
    const cache = tokens();
    cache.put('kind', 'token', good(nowMs + 1_000_000));
    cache.revoke(tokenDigest('token'));
    expect(cache.get('kind', 'token')).toBeNull();
    cache.put('kind', 'token', good(nowMs + 1_000_000));
    cache.forgetIf(() => true);
    cache.put('kind', 'token', good(nowMs + 1_000_000));
    expect(cache.get('kind', 'token')).toBeNull();
    nowMs += 60_000;
    cache.put('kind', 'token', good(nowMs + 1_000_000));
    expect(cache.get('kind', 'token')).not.toBeNull();
  });
  it('are not kept as themselves', () => {
    const cache = tokens();
    cache.put('kind', 'very-secret-token', good(nowMs + 1000));
    expect(JSON.stringify(cache)).toContain(tokenDigest('very-secret-token'));
    expect(JSON.stringify(cache)).not.toContain('very-secret-token');
  });
});
