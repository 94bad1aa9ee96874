import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ComponentStore, type SourceChange } from '../../src/components/component-store.js';
import { StandingFindings } from '../../src/components/finding-board.js';
import type { LoadOptions } from '../../src/components/loader.js';
import { RestLoader } from '../../src/components/rest-loader.js';
import type { RestLoaderOptions } from '../../src/components/rest/rest-loader-options.js';
import { pausesDuring } from '../support/pauses.js';
import { until } from '../support/until.js';
import { type Answers, aSystem, json, RestSource, systems } from './rest-source.js';

class WatchedStore extends ComponentStore {
  readonly changes: SourceChange[] = [];
  override apply(change: SourceChange, options?: LoadOptions): Promise<boolean> {
    this.changes.push(change);
    return super.apply(change, options);
  }
}

let source: RestSource;
let loader: RestLoader;
let store: WatchedStore;
let board: StandingFindings;
let lines: { level: string; message: string }[];

beforeEach(async () => {
  source = await RestSource.started();
});
afterEach(async () => {
  await loader.stop();
  await source.stop();
});

function make(options: Partial<RestLoaderOptions> = {}): RestLoader {
  board = new StandingFindings();
  lines = [];
  store = new WatchedStore({ board, log: () => {} });
  loader = new RestLoader(store, {
    ...{ baseUrl: new URL(`${source.url}/base`), timeoutMs: 5000, connectTimeoutMs: 1000, maxPageBytes: 1_000_000 },
    ...{ totalTimeoutMs: null, maxConnections: 500, maxIdleMs: 30_000, maxLifeMs: null, openCalls: null },
    ...{ headers: {}, credentials: null, trustsAll: false, trust: null, gatewayId: 'default', refreshMs: -1 },
    paths: { system: 'gateway_system', channel: 'gateway_channel', service: 'gateway_service', token: 'gateway_token' },
    log: (level, message) => void lines.push({ level, message }),
    ...options,
  });
  return loader;
}
async function loaded(records: typeof source.records, options: Partial<RestLoaderOptions> = {}): Promise<void> {
  source.records = records;
  await make(options).refresh();
}
const ids = (): string[] => [...(store.current()?.records.system.keys() ?? [])];
const nameOf = (id: string): string | undefined => store.current()?.records.system.get(id)?.record?.name;
const faults = (): string[] => board.standing().map(({ message }) => message);
const units = (change = store.changes.at(-1)): string[] => [...(change?.replaced?.keys() ?? [])];

describe('a REST source of components', () => {
  it('is read kind by kind and page by page, up to the first short page', async () => {
    await loaded({ gateway_system: systems(250), gateway_channel: [{ id: 'c', data: { system: 's0' } }] });
    expect([ids().length, store.current()?.records.channel.size, faults()]).toEqual([250, 1, []]);
    const once = [
      ...[0, 100, 200].map((skip) => `GET /base/gateway_system?skip=${skip}&limit=100`),
      ...['channel', 'service', 'token'].map((kind) => `GET /base/gateway_${kind}?skip=0&limit=100`),
    ];
    expect(source.requests).toEqual([...once, ...once]);
  });
  it('may give its records as a plain array, and a last page that is full', async () => {
    source.answers = (request, response) => json(response, source.page(request));
    await loaded({ gateway_system: systems(200) });
    expect(ids()).toHaveLength(200);
  });
  it('may hold branches, which are skipped, and records of the original', async () => {
    const original = { id: 'c', data: { targetPath: '/x', predefinedSystem: 'a' } };
    await loaded({ gateway_system: [aSystem('a'), aSystem('a@branch')], gateway_channel: [original] });
    expect(ids()).toEqual(['a']);
    expect(store.current()?.records.channel.get('c')?.record).toMatchObject({ target: '/x', system: 'a' });
  });
  it.each([
    ['fewer than a page', 42],
    ['exactly a page', 100],
    ['many', 350],
  ])('may give everything at once, whatever was asked for: %s', async (_, count) => {
    source.answers = (request, response) => {
      json(response, request.url!.includes('system') ? systems(count) : []);
    };
    await make().refresh();
    expect([ids().length, faults()]).toEqual([count, []]);
  });
  it('that gives its first page again and again cannot be read', async () => {
    source.answers = (request, response) => json(response, systems(Number(/limit=(\d+)/.exec(request.url!)![1])));
    await make().refresh();
    expect([store.current(), faults()]).toEqual([null, [expect.stringContaining('whatever skip asks for')]]);
  });
  it('gets our headers, and its query never shows in what we tell', async () => {
    const seen: unknown[] = [];
    source.answers = (request, response) => {
      seen.push(request.headers['x-key']);
      json(response, {}, 200);
    };
    await make({ headers: { 'x-key': 'hidden' } }).refresh();
    expect(seen).toEqual(Array<string>(4).fill('hidden'));
    expect(JSON.stringify([faults(), lines])).not.toMatch(/hidden|skip/);
  });
});

describe('a later load', () => {
  it('checks only the pages that changed', async () => {
    await loaded({ gateway_system: systems(250) });
    const before = store.current()?.records.system;
    source.records = { gateway_system: systems(250).with(120, aSystem('s120', 'new')) };
    await loader.refresh();
    expect(units()).toEqual([`system page 2 of ${source.url}/base/gateway_system`]);
    expect([nameOf('s120'), before?.get('s119') === store.current()?.records.system.get('s119')]).toEqual([
      'new',
      true,
    ]);
  });
  it('takes away what is gone, with its page', async () => {
    await loaded({ gateway_system: systems(150) });
    source.records = { gateway_system: systems(90) };
    await loader.refresh();
    expect([ids().length, store.changes.at(-1)?.removed]).toEqual([90, [expect.stringMatching(/^system page 2 of/)]]);
  });
  it('misses no record that slips over the border of two pages while they are read', async () => {
    await loaded({ gateway_system: systems(200) });
    source.answers = (request, response) => {
      json(response, source.page(request));
      // What followed moves up by one between the first page and the second.
      source.records = { gateway_system: systems(200).slice(1) };
    };
    await loader.refresh();
    expect([ids().length, ids().includes('s100')]).toEqual([199, true]);
  });
  it('that finds nothing leaves everything in force, unless that is accepted', async () => {
    await loaded({ gateway_system: systems(2) });
    source.records = {};
    await loader.refresh();
    expect([ids().length, faults()[0]]).toEqual([2, expect.stringContaining('--accept-empty')]);
    await loader.refresh({ acceptEmpty: true });
    expect([ids(), faults()]).toEqual([[], []]);
  });
  it('comes after each interval', async () => {
    source.records = { gateway_system: [aSystem('a', 'one')] };
    make({ refreshMs: 100 }).start();
    await until(() => nameOf('a') === 'one');
    source.records = { gateway_system: [aSystem('a', 'two')] };
    await until(() => nameOf('a') === 'two');
    expect(lines.map(({ message }) => message)).toEqual(['Components are loaded.', 'Components are loaded.']);
  });
  it('that is asked for while one runs sees what was changed before it was asked for', async () => {
    source.records = { gateway_system: [aSystem('a', 'one')] };
    let second: Promise<void> | undefined;
    source.answers = (request, response) => {
      json(response, source.page(request));
      if (request.url!.includes('gateway_token')) {
        source.records = { gateway_system: [aSystem('a', 'two')] };
        second ??= loader.refresh();
      }
    };
    await make().refresh();
    await second;
    expect(nameOf('a')).toBe('two');
  });
});

describe('a source that changes while it is read', () => {
  const pair = (name: string) => ({
    gateway_system: [aSystem('a', name)],
    gateway_channel: [{ id: 'c', data: { system: 'a', name } }],
  });
  const names = () => [nameOf('a'), store.current()?.records.channel.get('c')?.record?.name];
  /** Everything changes after each of these requests. */
  function changesAfter(...requests: number[]): void {
    let asked = 0;
    source.answers = (request, response) => {
      json(response, source.page(request));
      if (requests.includes(++asked)) source.records = pair(`v${asked}`);
    };
  }
  const asked = () => source.requests.splice(0).length;

  it('between two kinds is read again, until it gives the same twice', async () => {
    await loaded(pair('v0'));
    asked();
    changesAfter(1);
    await loader.refresh();
    expect([names(), asked(), store.changes.length]).toEqual([['v1', 'v1'], 12, 2]);
  });
  it('between two pages of a kind is read again', async () => {
    await loaded({ gateway_system: systems(150) });
    source.records = { gateway_system: systems(150).with(149, aSystem('s149', 'first')) };
    source.answers = (request, response) => {
      json(response, source.page(request));
      if (request.url!.includes('skip=100')) return;
      source.records = { gateway_system: systems(150).map((_, index) => aSystem(`s${index}`, 'last')) };
    };
    await loader.refresh();
    expect([nameOf('s0'), nameOf('s149')]).toEqual(['last', 'last']);
  });
  it('not at all is read once, however it writes what it holds', async () => {
    await loaded(pair('v0'));
    asked();
    await loader.refresh();
    expect(asked()).toBe(4);
    let count = 0;
    source.answers = (request, response) => json(response, { list: source.page(request), servedAt: count++ });
    await loader.refresh();
    expect([asked(), names()]).toEqual([4, ['v0', 'v0']]);
  });
  it('all the time is read four times, taken as it is, and told', async () => {
    await loaded(pair('v0'));
    asked();
    changesAfter(...Array.from({ length: 50 }, (_, index) => index + 1));
    await loader.refresh();
    expect([asked(), nameOf('a')]).toEqual([16, 'v12']);
    expect(lines).toContainEqual({ level: 'info', message: expect.stringContaining('changes all the time') });
  });
  it('and is large, is asked for the first page of each kind again', async () => {
    await loaded({ gateway_system: systems(10_000) });
    expect(asked()).toBe(104 + 4);
  });
});

describe('a source that fails', () => {
  it.each<[string, Answers, string]>([
    ['another status', (_, response) => json(response, {}, 503), 'answers 503'],
    ['no permission', (_, response) => json(response, {}, 401), 'answers 401'],
    ['a redirect', (_, response) => void response.writeHead(302, { location: 'http://x/?hidden' }).end(), 'redirects'],
    ['HTML', (_, response) => void response.end('<!doctype html><p>hidden'), 'HTML'],
    ['text', (_, response) => void response.setHeader('content-type', 'text/plain').end('hidden'), 'text/plain'],
    [
      'broken JSON',
      (_, response) => void response.setHeader('content-type', 'application/json').end('[{"hidden'),
      'whole',
    ],
    ['JSON of another shape', (_, response) => json(response, { list: { hidden: 1 } }), 'neither a list'],
    ['nothing', (_, response) => void response.end(), 'answers nothing'],
    ['no answer', () => {}, 'gave no answer within 300 ms'],
    ['half an answer', (_, response) => void response.write('[{"hidden'), 'did not end it within 300 ms'],
    ['an answer that breaks off', breakOff, 'before its answer was whole'],
    ['too much', (_, response) => json(response, 'x'.repeat(2_000_000)), 'more than 1000000 bytes'],
    ['no HTTP', (request) => void request.socket.end('hidden\r\n\r\n'), 'no HTTP'],
  ])('with %s leaves everything in force, says so without quoting it, and heals', async (_, answers, told) => {
    await loaded({ gateway_system: [aSystem('a', 'one')] }, { timeoutMs: 300 });
    source.answers = answers;
    await loader.refresh();
    expect([nameOf('a'), faults()]).toEqual(['one', [expect.stringContaining(told)]]);
    expect(faults()[0]).toContain(`system page 1 of ${source.url}/base/gateway_system`);
    expect(JSON.stringify([faults(), lines])).not.toContain('hidden');
    source.answers = null;
    await loader.refresh();
    expect(faults()).toEqual([]);
  });
  it('for every kind has all of them named at once, in one finding, and stays as it was', async () => {
    await loaded({ gateway_system: [aSystem('a', 'one')] });
    source.requests.length = 0;
    source.answers = (request, response) => json(response, {}, request.url!.includes('channel') ? 403 : 500);
    await loader.refresh();
    const [finding, ...others] = board.standing();
    expect([others, source.requests.length, nameOf('a')]).toEqual([[], 4, 'one']);
    for (const [kind, said] of [
      ['system', 'answers 500'],
      ['channel', 'answers 403'],
      ['service', 'answers 500'],
      ['token', 'answers 500'],
    ] as const)
      expect(finding!.message).toContain(`${kind} page 1 of ${source.url}/base/gateway_${kind} ${said}`);
    expect(finding!.message).toContain('It concerns system, channel, service, token.');
    expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
  it('for two of its kinds has those two named', async () => {
    await loaded({ gateway_system: [aSystem('a', 'one')] });
    source.answers = (request, response) =>
      json(response, source.page(request), /service|token/.test(request.url!) ? 500 : 200);
    await loader.refresh();
    expect(faults()).toEqual([expect.stringMatching(/service page 1.*; token page 1.*It concerns service, token\./)]);
  });
  it('by silence is not asked for one kind after the other', async () => {
    source.answers = () => {};
    await make({ timeoutMs: 200 }).refresh();
    expect(source.requests).toHaveLength(1);
  });
  it('in its last kind fails as a whole', async () => {
    await loaded({ gateway_system: [aSystem('a', 'one')] });
    source.records = { gateway_system: [aSystem('a', 'two')] };
    source.answers = (request, response) =>
      json(response, source.page(request), request.url!.includes('token') ? 500 : 200);
    await loader.refresh();
    expect([nameOf('a'), board.standing().map(({ kind }) => kind)]).toEqual(['one', ['token']]);
  });
  it('because nobody listens is asked again soon, told once, and told when it heals', async () => {
    const { url } = source;
    make({ refreshMs: 50 });
    await source.stop();
    loader.start();
    await until(() => faults().some((message) => message.includes('refuses the connection')));
    await loader.refresh();
    source = await RestSource.started({ gateway_system: [aSystem('a')] }, Number(new URL(url).port));
    await until(() => nameOf('a') === 'a');
    expect(lines.map(({ message }) => message)).toEqual([
      expect.stringContaining('refuses the connection'),
      'Components are loaded.',
      'The source answers again.',
    ]);
  });
  it('as a whole is told once, with the kinds that it concerns', async () => {
    await loaded({ gateway_system: [aSystem('a')] });
    const { port } = new URL(source.url);
    await source.stop();
    await loader.refresh();
    source = await RestSource.started({}, Number(port));
    expect(faults()).toEqual([
      expect.stringMatching(/refuses the connection.* It concerns system, channel, service, token\.$/),
    ]);
  });
  it('because it does not speak TLS is told as that', async () => {
    const baseUrl = new URL(source.url.replace('http:', 'https:'));
    await make({ baseUrl }).refresh();
    expect(faults()).toEqual([expect.stringContaining('TLS')]);
  });
  it('with silence does not hold up the end', async () => {
    source.answers = () => {};
    make({ timeoutMs: 60_000 }).start();
    await until(() => source.requests.length === 1);
    await loader.stop();
    expect([store.current(), faults(), lines]).toEqual([null, [], []]);
  });
});

function breakOff(...[, response]: Parameters<Answers>): void {
  response.writeHead(200, { 'content-length': '100' }).write('[', () => response.destroy());
}

describe('client credentials', () => {
  const credentials = { clientId: 'c', secret: 'hidden', tokenPath: 'token' };
  let issued: number;
  let valid: string;
  let expiresIn: number;
  beforeEach(() => {
    [issued, expiresIn] = [0, 3600];
    source.answers = (request, response) => {
      if (request.method === 'POST') {
        valid = `t${++issued}`;
        json(response, { access_token: valid, expires_in: expiresIn });
      } else json(response, source.page(request), request.headers.authorization === `Bearer ${valid}` ? 200 : 401);
    };
  });
  it('get one token for many requests', async () => {
    await loaded({ gateway_system: [aSystem('a')] }, { credentials });
    expect([nameOf('a'), issued, source.requests[0]]).toEqual(['a', 1, 'POST /base/token']);
  });
  it('get another one once, where it is refused', async () => {
    await loaded({ gateway_system: [aSystem('a')] }, { credentials });
    valid = 'another';
    await loader.refresh();
    expect([issued, faults()]).toEqual([2, []]);
    source.answers = (request, response) =>
      request.method === 'POST' ? json(response, { token: `t${++issued}` }) : json(response, [], 401);
    await loader.refresh();
    expect([issued, faults()]).toEqual([3, [expect.stringContaining('answers 401')]]);
  });
  it('get another one where it has expired', async () => {
    expiresIn = 0;
    await loaded({}, { credentials });
    // All is read twice.
    expect(issued).toBe(8);
  });
  it('that are refused fail the load, without the secret', async () => {
    source.answers = (_, response) => json(response, { error: 'hidden' }, 403);
    await make({ credentials }).refresh();
    expect(faults()).toEqual([expect.stringMatching(/needs a token, and http:\S+\/base\/token answers 403/)]);
    expect(JSON.stringify([faults(), lines])).not.toContain('hidden');
  });
});

describe('ten thousand records', () => {
  it('are loaded without stopping everybody else', async () => {
    source.records = { gateway_system: systems(10_000) };
    make();
    await loader.refresh();
    source.records = { gateway_system: systems(10_000).map((system) => ({ ...system, name: 'x' })) };
    const pauses = await pausesDuring(() => loader.refresh());
    expect(ids()).toHaveLength(10_000);
    expect(Math.max(...pauses)).toBeLessThan(200);
  });
});

describe('bounds of a source', () => {
  /** Connections that it has taken so far. */
  function counted(): () => number {
    let connections = 0;
    source.onConnection = () => connections++;
    return () => connections;
  }

  it('hold for all tries of a page together', async () => {
    source.answers = () => {};
    await make({ timeoutMs: 60_000, totalTimeoutMs: 300 }).refresh();
    expect(faults()[0]).toContain('gave no whole answer within 300 ms in all (config.loader.totalTimeout)');
  });
  it('hold for a token and what it is asked for together', async () => {
    source.answers = (request, response) => {
      if (!request.url!.endsWith('/token')) return;
      setTimeout(() => json(response, { access_token: 't' }), 200);
    };
    const credentials = { clientId: 'c', secret: 's', tokenPath: 'token' };
    await make({ timeoutMs: 60_000, totalTimeoutMs: 400, credentials }).refresh();
    expect(faults()[0]).toContain('gave no whole answer within 400 ms in all');
  });
  it('let a connection be kept, or live for so long only', async () => {
    const connections = counted();
    await make({ maxConnections: 1 }).refresh();
    await loader.refresh();
    expect(connections()).toBe(1);
    await loader.stop();
    make({ maxLifeMs: 100, refreshMs: 50 }).start();
    await until(() => connections() > 3);
  });
  it('let a connection wait idle for so long only', async () => {
    const connections = counted();
    // undici looks at idle connections about once a second.
    make({ maxConnections: 1, maxIdleMs: 1, refreshMs: 1500 }).start();
    await until(() => connections() > 1);
  }, 30_000);
});
