import { describe, expect, it } from '@jest/globals';
import type { Component } from '../../contracts/components.js';
import type { TokenRecord } from '../../contracts/records.js';
import { TokenKinds } from './token-kinds.js';

const ISSUER = 'https://login.example.com';
function token(id: string, record: TokenRecord, active = true): Component<'token'> {
  return { kind: 'token', id, version: '1', record, active };
}
const external = (audience: readonly string[]): TokenRecord => ({ external: { issuer: ISSUER, audience } });
const mapOf = (...tokens: Component<'token'>[]) => new Map(tokens.map((each) => [each.id, each]));

describe('the issuers that are asked', () => {
  const kinds = new TokenKinds({ allowUnsigned: false });
  const named = (...tokens: Component<'token'>[]) => kinds.issuerUses(mapOf(...tokens)).map((use) => use.token);

  it('are those of records in force', () => {
    const own = token('own', { signingSecret: 's'.repeat(64) });
    expect(named(own, token('a', external(['api'])), token('b', external(['api']), false))).toEqual(['a']);
    expect(kinds.issuerUses(mapOf(token('a', external(['api']))))).toMatchObject([
      { place: { issuer: ISSUER, jwksUri: null }, token: 'a', pointer: '/external/issuer' },
    ]);
  });
  it('stay those of the last good version of a record that is at fault now', () => {
    kinds.compiled(token('a', external(['api'])));
    expect(named(token('a', external([])))).toEqual(['a']);
    expect(named(token('never', external([])))).toEqual([]);
  });
});
