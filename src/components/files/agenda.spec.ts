import { afterEach, describe, expect, it } from '@jest/globals';
import { Agenda } from './agenda.js';

describe('a look at everything', () => {
  let agenda: Agenda;
  afterEach(() => agenda.stop());

  it('is over for its caller when it is done, whatever is looked at after it', async () => {
    const ends: (() => void)[] = [];
    agenda = new Agenda(() => new Promise((resolve) => ends.push(resolve)));
    agenda.start();
    const first = agenda.everything();
    // Comes while the first is under way, as an interval shorter than a look would.
    const second = agenda.everything();
    const third = agenda.everything();
    ends[0]!();
    await first;
    expect(ends).toHaveLength(2);
    ends[1]!();
    await Promise.all([second, third]);
    expect(ends).toHaveLength(2);
  });
  it('may be asked for again as soon as one is over', async () => {
    let looks = 0;
    agenda = new Agenda(async () => void looks++);
    agenda.start();
    for (let each = 0; each < 3; each++) await agenda.everything();
    expect(looks).toBe(3);
  });
});
