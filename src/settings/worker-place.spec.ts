import { describe, expect, it } from '@jest/globals';
import { placeFrom, placeVariables } from './worker-place.js';

describe('the place of a worker', () => {
  const place = { worker: 1, workers: 4, life: 3 };

  it('comes through its environment', () => {
    expect(placeFrom({ ...placeVariables(place) }, true)).toEqual(place);
  });
  it('is none without a supervisor, whatever the environment says', () => {
    expect([placeFrom({ ...placeVariables(place) }, false), placeFrom({}, true)]).toEqual([null, null]);
  });
});
