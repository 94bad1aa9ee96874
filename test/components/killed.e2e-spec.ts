import { describe, expect, it, jest } from '@jest/globals';
import { proofOf } from './soak.js';

jest.setTimeout(180_000);

describe('kill -9', () => {
  it('of the configuration server, or any nonsense of it, under load and at a start, fails no request; it is taken back', async () => {
    const { figures, complaints } = await proofOf('killed-source');
    expect(complaints).toEqual([]);
    expect(figures['failed, refused or mixed']).toBe(0);
    expect(figures['answers']).toBeGreaterThan(1000);
  });
  it('of the gateway, under load and in its start, is over with the next start, its source there or away', async () => {
    const { figures, complaints } = await proofOf('killed-gateway');
    expect([complaints, Object.keys(figures).length]).toEqual([[], 3]);
  });
});
