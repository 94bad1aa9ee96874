import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Caller } from '../../src/gateway/identify/caller.js';
import { TokenChecks } from '../../src/gateway/identify/token-checks.js';
import { tokenKindOf } from '../../src/gateway/identify/token-kind.js';
import { NO_ISSUERS } from '../support/no-issuers.js';
import { VerifiedTokens } from '../../src/gateway/identify/tokens/verified-tokens.js';

const TOKENS = 100_000;
const MOST = 50_000;
/** What src/gateway/identity.ts counts on, and as much again. */
const MOST_BYTES = 100_000_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

describe('100,000 different tokens', () => {
  it('are all good, and stay within the bound of what is remembered', async () => {
    const { kind } = tokenKindOf(
      'user',
      {
        signingSecret: `base64:${randomBytes(64).toString('base64')}`,
        claims: [
          { name: 'sub', special: 'ORIGIN_ID', element: 'user.id' },
          { name: 'roles', special: 'ROLES' },
          { name: 'tenant', metaElement: 'tenant' },
        ],
      },
      { allowUnsigned: false },
    );
    const nowMs = Date.now();
    const verified = new VerifiedTokens<Caller>(MOST, () => nowMs);
    const checks = new TokenChecks(
      verified,
      () => nowMs,
      () => false,
      NO_ISSUERS,
    );
    const before = heapBytes();
    let [largest, good, known] = [0, 0, 0];
    for (let number = 0; number < TOKENS; number++) {
      const claims = { sub: `user-${number}`, roles: ['clerk', 'admin'], tenant: `tenant-${number % 100}` };
      const token = await kind!.codec.issue(claims, { nowMs, lifeSeconds: 600 });
      // What comes only once is not remembered.
      await checks.check(kind!, token, false);
      const checked = await checks.check(kind!, token, false);
      if (checked.caller?.claims.sub === `user-${number}`) good++;
      if (checks.known(kind!, token, false) !== null) known++;
      largest = Math.max(largest, verified.size);
    }
    const megabytes = (heapBytes() - before) / 1e6;
    process.stdout.write(
      `${TOKENS} tokens: at most ${largest} remembered, ${megabytes.toFixed(0)} MB, ${((megabytes * 1e6) / largest).toFixed(0)} bytes each\n`,
    );
    // Used here, so that it was still there when memory was measured.
    expect(verified.size).toBe(largest);
    expect(largest).toBeLessThanOrEqual(MOST);
    expect(largest).toBeGreaterThan(MOST * 0.9);
    // All are good, and the newest is never what has to go.
    expect([good, known]).toEqual([TOKENS, TOKENS]);
    expect(megabytes * 1e6).toBeLessThan(MOST_BYTES);
  }, 60_000);
});
