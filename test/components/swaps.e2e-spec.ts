import { describe, expect, it, jest } from '@jest/globals';
import { proofOf } from './soak.js';

jest.setTimeout(180_000);

/** A channel and its system change at once, each change when the one before is served, while 32 clients ask at full speed. */
describe('swaps under full load', () => {
  it.each([
    ['a thousand, of files', 'swaps-files', 1000],
    ['of a REST source', 'swaps-rest', 60],
    ['of the embedded database', 'swaps-database', 40],
  ])(
    '%s: no answer is failed, refused or mixed; heap, descriptors and connections stay as they are',
    async (_, name, swaps) => {
      const { figures, complaints } = await proofOf(name, swaps);
      expect(complaints).toEqual([]);
      expect(figures).toMatchObject({ swaps, 'failed, refused or mixed': 0 });
      expect(figures['revisions']).toBeGreaterThanOrEqual(swaps);
      expect(figures['answers']).toBeGreaterThan(swaps);
      // A machine that others use adds some of its own; one a swap, or one in ten, would be the gateway's.
      expect(figures['pauses above 200 ms']).toBeLessThan(swaps / 10);
      expect(figures['pause p99.9 ms']).toBeLessThan(200);
    },
  );
});
