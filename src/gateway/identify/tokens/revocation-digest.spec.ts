import { describe, expect, it } from '@jest/globals';
import { compactVerify } from 'jose';
import { createHmac, createPublicKey } from 'node:crypto';
import { anIssuerKey, twinOf } from '../../../../test/support/issuer-key.js';
import { revocationDigest, smallerTwin, twinDigest } from './revocation-digest.js';
import { tokenDigest } from './verified-tokens.js';

const CLAIMS = { sub: 'ada' };

describe('a token that is revoked', () => {
  it.each(['ES256', 'ES384', 'ES512'])('of %s has one digest for both its signatures', async (algorithm) => {
    const key = anIssuerKey(algorithm);
    const sizes = new Set<string>();
    for (let round = 0; round < 30; round++) {
      const token = await key.sign({ ...CLAIMS, round });
      const twin = smallerTwin(token);
      sizes.add(twin === null ? 'small' : 'large');
      if (twin === null) continue;
      await expect(compactVerify(twin, createPublicKey(key.publicPem))).resolves.toBeDefined();
      expect([smallerTwin(twin), twin.length]).toEqual([null, token.length]);
    }
    expect([...sizes].sort()).toEqual(['large', 'small']);
  });
  it('of ES256 cannot be spelt anew', async () => {
    const key = anIssuerKey('ES256');
    for (let round = 0; round < 20; round++) {
      const token = await key.sign({ ...CLAIMS, round });
      const twin = twinOf(token);
      expect(twin).not.toBe(token);
      expect(twinOf(twin)).toBe(token);
      expect(revocationDigest(twin)).toBe(revocationDigest(token));
      // One of both goes by its own digest.
      expect([twinDigest(token), twinDigest(twin)].filter((digest) => digest === null)).toHaveLength(1);
    }
  });
  it.each(['RS256', 'PS256', 'EdDSA'])('of %s goes by its own digest', async (algorithm) => {
    const token = await anIssuerKey(algorithm).sign(CLAIMS);
    expect(revocationDigest(token)).toBe(tokenDigest(token));
  });
  it('of HS512, whose signature is as long as one of ES256, goes by its own digest', () => {
    const text = `${Buffer.from('{"alg":"HS512"}').toString('base64url')}.e30`;
    for (let round = 0; round < 20; round++) {
      const token = `${text}.${createHmac('sha512', String(round)).update(text).digest('base64url')}`;
      expect(twinDigest(token)).toBeNull();
    }
  });
  it.each(['', '.', 'a.b', `a.b.${'_'.repeat(86)}`, `eyJhbGciOiJFUzI1NiJ9.e30.${'_'.repeat(85)}w`])(
    'that is none, %j, goes by its own digest',
    (token) => {
      expect(revocationDigest(token)).toBe(tokenDigest(token));
    },
  );
});
