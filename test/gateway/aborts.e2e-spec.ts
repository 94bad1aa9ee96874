import { describe, expect, it, jest } from '@jest/globals';
import { proofOf } from '../components/soak.js';

jest.setTimeout(180_000);

/** In full: `npm run soak -- --only aborts`, a million requests. */
describe('of 40,000 requests one in twenty that its client aborts', () => {
  it('is counted as 499, and leaves nothing: no heap, no descriptor, no timer or socket, no call at the backend, no error in the log', async () => {
    const { figures, complaints } = await proofOf('aborts', 1, ['--requests', '40000']);
    expect(complaints).toEqual([]);
    const abortedOfAKind = figures['aborted within an upload']!;
    expect(abortedOfAKind).toBeGreaterThan(600);
    expect(figures['counted as 499']).toBeGreaterThan(2.7 * abortedOfAKind);
    expect([figures['failed'], figures['calls that the backend still has'], figures['errors in the log']]).toEqual([
      0, 0, 0,
    ]);
  });
});
