import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { proofOf, type Proof } from './soak.js';

jest.setTimeout(180_000);

describe('kill -9', () => {
  /** They mostly wait, each for processes of its own: they run beside each other. */
  const proofs = new Map<string, Promise<Proof>>();
  beforeAll(() => {
    for (const name of ['killed-source', 'killed-gateway']) {
      const proof = proofOf(name);
      proof.catch(() => undefined);
      proofs.set(name, proof);
    }
  });
  it('of the configuration server, or any nonsense of it, under load and at a start, fails no request; it is taken back', async () => {
    const { figures, complaints } = await proofs.get('killed-source')!;
    expect(complaints).toEqual([]);
    expect(figures['failed, refused or mixed']).toBe(0);
    expect(figures['answers']).toBeGreaterThan(1000);
  });
  it('of the gateway, under load and in its start, is over with the next start, its source there or away', async () => {
    const { figures, complaints } = await proofs.get('killed-gateway')!;
    expect([complaints, Object.keys(figures).length]).toEqual([[], 3]);
  });
});
