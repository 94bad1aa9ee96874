import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { anAddress, ToldInstances } from '../../../../test/support/told-instances.js';
import { type Listing, LookFailed, type LookRequest } from './look.js';
import { LOOK_RULES, RepeatedLook } from './repeated-look.js';

const DUE_MS = 5000;

/** Looks that end when, and with what, a test says. */
class Looks {
  readonly clock = new ManualClock();
  readonly listener = new ToldInstances();
  readonly requests: LookRequest[] = [];
  private end: { resolve: (listing: Listing) => void; reject: (error: unknown) => void } | null = null;
  readonly source = new RepeatedLook(
    'The registry',
    (request) => {
      this.requests.push(request);
      return new Promise((resolve, reject) => (this.end = { resolve, reject }));
    },
    LOOK_RULES,
    { clock: this.clock, random: () => 1 },
  );

  constructor() {
    this.source.watch(this.listener);
  }

  get told(): ToldInstances['told'] {
    return this.listener.told;
  }

  async finds(...hosts: string[]): Promise<void> {
    this.end!.resolve({ addresses: hosts.map((host) => anAddress(host)), dueMs: DUE_MS });
    await settled();
  }

  async fails(error: unknown = new LookFailed('is away')): Promise<void> {
    this.end!.reject(error);
    await settled();
  }

  /** Finds, and begins the next look. */
  async thenFinds(...hosts: string[]): Promise<void> {
    await this.finds(...hosts);
    this.clock.advance(this.clock.waits[0]!);
  }

  async thenFails(): Promise<void> {
    await this.fails();
    this.clock.advance(this.clock.waits[0]!);
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a source that is looked at again and again', () => {
  it('begins at once, and looks again when the look says so', async () => {
    const looks = new Looks();
    expect(looks.requests).toHaveLength(1);
    await looks.finds('a', 'b');
    expect(looks.told).toEqual([['a:80', 'b:80']]);
    looks.clock.advance(DUE_MS - 1);
    expect(looks.requests).toHaveLength(1);
    looks.clock.advance(1);
    expect(looks.requests).toHaveLength(2);
  });
  it('tells a list only where it differs, and the order does not count', async () => {
    const looks = new Looks();
    await looks.thenFinds('a', 'b');
    await looks.thenFinds('b', 'a');
    await looks.thenFinds('b');
    await looks.thenFinds('b', 'c');
    expect(looks.told).toEqual([['a:80', 'b:80'], ['b:80'], ['b:80', 'c:80']]);
  });
  it('tells an instance once that is listed twice', async () => {
    const looks = new Looks();
    await looks.finds('a', 'a');
    expect(looks.told).toEqual([['a:80']]);
  });
  it('has one listener', () => {
    const looks = new Looks();
    expect(() => looks.source.watch(new ToldInstances())).toThrow('one listener');
  });
  it('asks for an answer of now at first and after trouble, else may wait for a change', async () => {
    const looks = new Looks();
    await looks.thenFinds('a');
    await looks.thenFails();
    await looks.thenFinds('a');
    await looks.thenFinds();
    await looks.thenFinds('a');
    expect(looks.requests.map(({ isFresh }) => isFresh)).toEqual([true, false, true, false, true, false]);
  });
});

describe('a look that fails', () => {
  it('takes nothing away, and is told once until one succeeds', async () => {
    const looks = new Looks();
    await looks.thenFinds('a');
    await looks.thenFails();
    await looks.thenFails();
    await looks.thenFinds('a');
    await looks.thenFails();
    expect(looks.told).toEqual([['a:80'], 'The registry is away', 'The registry is away']);
  });
  it('is over with the first that succeeds, which is told also where it finds what was known', async () => {
    const looks = new Looks();
    await looks.thenFinds('a');
    await looks.thenFails();
    expect(looks.listener.recoveries).toBe(0);
    await looks.thenFinds('a');
    await looks.thenFinds('a');
    expect([looks.listener.recoveries, looks.told]).toEqual([1, [['a:80'], 'The registry is away']]);
  });
  it('is tried again soon, then ever more seldom, and as at first after a success', async () => {
    const looks = new Looks();
    const waits: number[] = [];
    for (let failures = 0; failures < 7; failures++) {
      await looks.fails();
      waits.push(looks.clock.waits[0]!);
      looks.clock.advance(looks.clock.waits[0]!);
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000]);
    await looks.thenFinds('a');
    await looks.fails();
    expect(looks.clock.waits).toEqual([250]);
  });
  it('is one that takes too long: it is cut off, and its late answer does not count', async () => {
    const looks = new Looks();
    looks.clock.advance(LOOK_RULES.timeoutMs);
    expect(looks.told).toEqual(['The registry gave no answer within 10000 ms']);
    expect(looks.requests[0]!.signal.aborted).toBe(true);
    await looks.finds('late');
    expect(looks.told).toHaveLength(1);
    expect(looks.clock.waits).toEqual([250]);
  });
  it('shows no message of an error that was not foreseen', async () => {
    const looks = new Looks();
    await looks.fails(new TypeError('hunter2'));
    expect(looks.told).toEqual(['The registry cannot be asked, for a reason that was not foreseen (TypeError)']);
  });
});

describe('an empty answer', () => {
  it('counts at once where nothing was known', async () => {
    const looks = new Looks();
    await looks.finds();
    expect(looks.told).toEqual([[]]);
  });
  it('is looked at again a second later: whatever comes is wanted soon', async () => {
    const looks = new Looks();
    await looks.finds();
    expect(looks.clock.waits).toEqual([1000]);
  });
  it('is believed once the next look, a second later, says the same', async () => {
    const looks = new Looks();
    await looks.thenFinds('a');
    await looks.finds();
    expect(looks.told).toEqual([['a:80']]);
    expect(looks.clock.waits).toEqual([1000]);
    looks.clock.advance(1000);
    await looks.thenFinds();
    expect(looks.told).toEqual([['a:80'], []]);
    await looks.finds('a');
    expect(looks.told).toEqual([['a:80'], [], ['a:80']]);
  });
  it('is not believed where the next look says otherwise', async () => {
    const looks = new Looks();
    await looks.thenFinds('a');
    await looks.thenFinds();
    await looks.thenFinds('a');
    await looks.thenFinds();
    await looks.thenFinds('a');
    expect(looks.told).toEqual([['a:80']]);
  });
  it('is not borne out by a look that fails', async () => {
    const looks = new Looks();
    await looks.thenFinds('a');
    await looks.thenFinds();
    await looks.thenFails();
    await looks.thenFinds();
    expect(looks.told).toEqual([['a:80'], 'The registry is away']);
    await looks.finds();
    expect(looks.told.at(-1)).toEqual([]);
  });
});

describe('a source that is closed', () => {
  it('gives up the look under way, and tells nothing of it', async () => {
    const looks = new Looks();
    looks.source.close();
    expect(looks.requests[0]!.signal.aborted).toBe(true);
    await looks.finds('a');
    expect([looks.told, looks.clock.waits]).toEqual([[], []]);
  });
  it('looks no more', async () => {
    const looks = new Looks();
    await looks.finds('a');
    looks.source.close();
    looks.clock.advance(3_600_000);
    expect([looks.requests.length, looks.clock.waits]).toEqual([1, []]);
  });
  it('may be closed by its listener', async () => {
    const looks = new Looks();
    looks.listener.found = () => looks.source.close();
    await looks.finds('a');
    expect(looks.clock.waits).toEqual([]);
  });
  it('never looks where it was closed before it was watched', () => {
    const clock = new ManualClock();
    const source = new RepeatedLook('x', () => Promise.reject(new Error('looked')), LOOK_RULES, { clock });
    source.close();
    source.watch(new ToldInstances());
    expect(clock.waits).toEqual([]);
  });
});
