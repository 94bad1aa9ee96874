import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { renameSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { HeldCalls, sendJson, TestBackend, type BackendHandler } from '../support/backend.js';
import { call, type CallAnswer, type ErrorAnswer } from '../support/call.js';
import { aChannel } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { until } from '../support/until.js';
import { SteadyLoad } from './steady-load.js';

jest.setTimeout(60_000);

/** Answers with the version of the system that called. */
const tellSystem: BackendHandler = (request, response) =>
  sendJson(response, JSON.stringify({ system: request.headers['x-system'] ?? null }));

let backend: TestBackend;
beforeAll(async () => void (backend = await TestBackend.start(tellSystem)));
afterAll(() => backend.close());

interface Fault {
  readonly kind: string;
  readonly id: string;
  readonly severity: string;
  readonly file?: string;
  readonly pointer: string;
  readonly code: number;
  readonly message: string;
  readonly since: string;
}

const aSystem = (id: string, baseUrl: string, parameters: object = {}, fields: object = {}): object => ({
  id,
  executor: 'rpc',
  parameters: { 'server.baseUrl': baseUrl, ...parameters },
  ...fields,
});
const open = { '*': { isPublic: true } };
const onSystem = (id: string, system: string, fields: object = {}): object => ({ id, system, paths: open, ...fields });
/** A good channel whose answers tell its version. */
const versioned = (id: string, version: string, fields: object = {}): object =>
  aChannel(id, backend.url, { responseHeaders: { 'X-Version': version }, ...fields });

describe('records', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await TestGateway.start({
      components: {
        'systems/good.json': aSystem('good', backend.url),
        'channels/good.json': onSystem('good', 'good'),
        'channels/broken.yaml': 'id: broken\nsystem: good\npaths:\n  x:\n    isPublic: perhaps\n',
        'channels/unparsed.yaml': 'id: [unparsed',
        'systems/ftp.json': aSystem('ftp', 'ftp://x'),
        'channels/overftp.json': onSystem('overftp', 'ftp'),
        'systems/faulty.json': { id: 'faulty', executor: 'rpc', parameters: [backend.url] },
        'channels/overfaulty.json': onSystem('overfaulty', 'faulty'),
      },
    });
  });
  afterAll(async () => void (await gateway.stop()));

  const ask = (channel: string): Promise<CallAnswer> => call(gateway.port, `/api/request/${channel}/x`);
  const told = async (channel: string): Promise<[number, number | undefined]> => {
    const answer = await ask(channel);
    return [answer.status, answer.json<Partial<ErrorAnswer>>().error?.code];
  };
  const versionOf = async (channel: string): Promise<string> => String((await ask(channel)).headers['x-version']);
  const serves = (channel: string): Promise<void> => until(async () => (await ask(channel)).status === 200);
  const faultsOf = async (kind: string, id: string): Promise<Fault[]> =>
    ((await gateway.health()).faults as unknown as Fault[]).filter((fault) => fault.kind === kind && fault.id === id);
  const at = (path: string): string => join(gateway.componentsFolder, path);

  describe('that are broken', () => {
    it('leave the good ones serving', async () => {
      expect(await told('good')).toEqual([200, undefined]);
    });
    it.each(['broken', 'overftp', 'overfaulty'])('are answered with 500 and 17001: %s', async (channel) => {
      const answer = await ask(channel);
      expect([answer.status, answer.json()]).toEqual([
        500,
        { error: { code: 17001, message: expect.any(String), requestId: expect.any(String) } },
      ]);
    });
    it.each([
      {
        kind: 'channel',
        id: 'broken',
        place: ['channels/broken.yaml', '/paths/x/isPublic'],
        message: /"perhaps", expected true or false/,
      },
      { kind: 'system', id: 'ftp', place: ['systems/ftp.json', '/parameters/server.baseUrl'], message: /http:\/\// },
      { kind: 'system', id: 'faulty', place: ['systems/faulty.json', '/parameters'], message: /is a list, expected/ },
      { kind: 'channel', id: '', place: ['channels/unparsed.yaml', ''], message: /not valid YAML/ },
    ])('are shown in health with file, pointer and since: $kind $id', async ({ kind, id, place, message }) => {
      const [fault, ...others] = await faultsOf(kind, id);
      expect([fault, others]).toEqual([
        expect.objectContaining({
          severity: 'fault',
          file: at(place[0]!),
          pointer: place[1],
          code: 17001,
          message: expect.stringMatching(message),
        }),
        [],
      ]);
      const age = Date.now() - Date.parse(fault!.since);
      expect([age >= 0, age < 60_000]).toEqual([true, true]);
    });
    it('are logged once each', async () => {
      await until(() => gateway.lines.some(({ kind, id }) => kind === 'channel' && id === 'broken'));
      const logged = gateway.lines.filter(({ kind, id }) => kind === 'channel' && id === 'broken');
      expect(logged).toEqual([
        expect.objectContaining({ level: 40, file: at('channels/broken.yaml'), pointer: '/paths/x/isPublic' }),
      ]);
    });
    it('heal by themselves when the file is mended; the others’ faults stand since when they stood', async () => {
      const [before] = await faultsOf('system', 'ftp');
      gateway.write('channels/broken.yaml', 'id: broken\nsystem: good\npaths:\n  x:\n    isPublic: true\n');
      await serves('broken');
      await until(async () => (await faultsOf('channel', 'broken')).length === 0);
      expect(await faultsOf('system', 'ftp')).toEqual([before]);
      gateway.write('systems/ftp.json', aSystem('ftp', backend.url));
      await serves('overftp');
      await until(async () => (await faultsOf('system', 'ftp')).length === 0);
    });
  });

  describe('that become broken keep their last good version in force', () => {
    it('a channel', async () => {
      gateway.write('channels/kept.json', versioned('kept', 'one'));
      await serves('kept');
      gateway.write('channels/kept.json', versioned('kept', 'two', { paths: { '*': { isPublic: 'perhaps' } } }));
      await until(async () => (await faultsOf('channel', 'kept')).length === 1);
      expect(await versionOf('kept')).toBe('one');
      gateway.write('channels/kept.json', versioned('kept', 'three'));
      await until(async () => (await versionOf('kept')) === 'three');
      await until(async () => (await faultsOf('channel', 'kept')).length === 0);
    });
    it('a file that cannot be parsed', async () => {
      gateway.write('channels/torn.json', versioned('torn', 'one'));
      await serves('torn');
      gateway.write('channels/torn.json', '{"id": "torn", "executor": ');
      await until(async () => (await faultsOf('channel', 'torn')).length === 1);
      expect((await faultsOf('channel', 'torn'))[0]).toMatchObject({ file: at('channels/torn.json'), line: 1 });
      expect(await versionOf('torn')).toBe('one');
    });
    it('a system that cannot be compiled, for every channel on it', async () => {
      gateway.write('systems/sys.json', aSystem('sys', backend.url, { 'server.header.X-System': 'one' }));
      gateway.write('channels/sys.json', [onSystem('sys1', 'sys'), onSystem('sys2', 'sys')]);
      await serves('sys1');
      await serves('sys2');
      gateway.write('systems/sys.json', aSystem('sys', 'ftp://x', { 'server.header.X-System': 'two' }));
      await until(async () => (await faultsOf('system', 'sys')).length === 1);
      for (const channel of ['sys1', 'sys2']) expect((await ask(channel)).json()).toEqual({ system: 'one' });
      gateway.write('systems/sys.json', aSystem('sys', backend.url, { 'server.header.X-System': 'three' }));
      await until(async () => (await ask('sys2')).json().system === 'three');
      expect((await ask('sys1')).json()).toEqual({ system: 'three' });
    });
    it('a system that cannot be compiled, while its channels go on changing', async () => {
      const write = (baseUrl: string, version: string, fields: object = {}): void =>
        gateway.write('both.json', {
          systems: [aSystem('both', baseUrl, { 'server.header.X-System': version })],
          channels: [onSystem('both', 'both', { responseHeaders: { 'X-Version': version }, ...fields })],
        });
      write(backend.url, 'one');
      await serves('both');
      write('ftp://x', 'two');
      await until(async () => (await versionOf('both')) === 'two');
      expect((await ask('both')).json()).toEqual({ system: 'one' });
      expect(await faultsOf('system', 'both')).toHaveLength(1);
      gateway.write('channels/late.json', onSystem('late', 'both'));
      await until(async () => (await ask('late')).status !== 404);
      expect((await ask('late')).json()).toEqual({ system: 'one' });
      write('ftp://y', 'three', { paths: { '*': { isDisabled: true } } });
      await until(async () => (await ask('both')).status === 403);
      write(backend.url, 'four');
      await until(async () => (await versionOf('both')) === 'four');
      expect((await ask('both')).json()).toEqual({ system: 'four' });
      await until(async () => (await faultsOf('system', 'both')).length === 0);
    });
  });

  describe('that miss what they need', () => {
    beforeAll(async () => {
      gateway.write('missing.json', {
        systems: [
          aSystem('inactive', backend.url, {}, { status: 'INACTIVE' }),
          aSystem('elsewhere', backend.url, {}, { gateways: ['other'] }),
        ],
        tokens: [{ id: 'inactive', status: 'X', signingSecret: 'a'.repeat(64) }],
        channels: [
          onSystem('nosystem', 'nowhere'),
          onSystem('inactivesystem', 'inactive'),
          onSystem('systemelsewhere', 'elsewhere'),
          onSystem('inactive', 'good', { status: 'INACTIVE' }),
          onSystem('lowercase', 'good', { status: 'active' }),
          onSystem('elsewhere', 'good', { gateways: ['other'] }),
          onSystem('here', 'good', { gateways: ['other', 'default'], status: 'A' }),
          onSystem('notoken', 'good', { authToken: 'nowhere' }),
          onSystem('noguest', 'good', { anonymousToken: 'nowhere' }),
          onSystem('inactivetoken', 'good', { authToken: 'inactive' }),
        ],
      });
      await serves('here');
    });
    it.each([
      ['a system that is missing', 'nosystem', 404, 17002],
      ['a system that is inactive', 'inactivesystem', 404, 17002],
      ['a system of another gateway', 'systemelsewhere', 404, 17002],
      ['a status that is not in use', 'inactive', 404, 17002],
      ['a status in another case', 'lowercase', 404, 17002],
      ['another gateway’s', 'elsewhere', 404, 17002],
      ['a token that is missing', 'notoken', 500, 17003],
      ['a guests’ token that is missing', 'noguest', 500, 17003],
      ['a token that is inactive', 'inactivetoken', 500, 17003],
    ])('%s: %s is %d with %d', async (_what, channel, status, code) => {
      expect(await told(channel)).toEqual([status, code]);
    });
    it.each([
      ['nosystem', '/system', 17002],
      ['inactivesystem', '/system', 17002],
      ['notoken', '/authToken', 17003],
      ['inactivetoken', '/authToken', 17003],
    ])('are faults in health, with their place: %s', async (id, pointer, code) => {
      const faults = (await faultsOf('channel', id)).filter(({ severity }) => severity === 'fault');
      expect(faults).toEqual([expect.objectContaining({ file: at('missing.json'), pointer, code })]);
    });
    it('serve as soon as it is there', async () => {
      gateway.write('systems/nowhere.json', aSystem('nowhere', backend.url));
      await serves('nosystem');
      await until(async () => (await faultsOf('channel', 'nosystem')).length === 0);
    });
  });

  it('whose file is deleted are gone: 404 and 17002', async () => {
    gateway.write('channels/doomed.json', versioned('doomed', 'one'));
    await serves('doomed');
    gateway.remove('channels/doomed.json');
    await until(async () => (await ask('doomed')).status !== 200);
    expect(await told('doomed')).toEqual([404, 17002]);
    expect(await told('good')).toEqual([200, undefined]);
  });

  it('with one alias: the lower id serves it, the other has a fault of that alias only, until the first is gone', async () => {
    const aliases = [{ alias: 'shared', target: '/x' }];
    gateway.write('channels/twin2.json', versioned('twin2', 'two', { aliases }));
    await serves('twin2');
    gateway.write('channels/twin1.json', versioned('twin1', 'one', { aliases }));
    const servedBy = async (): Promise<unknown> => (await call(gateway.port, '/shared')).headers['x-version'];
    await until(async () => (await servedBy()) === 'one');
    expect(await versionOf('twin2')).toBe('two');
    await until(async () => (await faultsOf('channel', 'twin2')).length === 1);
    expect(await faultsOf('channel', 'twin2')).toEqual([
      expect.objectContaining({ severity: 'fault', pointer: '/aliases/0', file: at('channels/twin2.json') }),
    ]);
    expect(await faultsOf('channel', 'twin1')).toEqual([]);
    gateway.remove('channels/twin1.json');
    await until(async () => (await servedBy()) === 'two');
    await until(async () => (await faultsOf('channel', 'twin2')).length === 0);
  });

  it('that ask for what is not in force, or can never hold, serve, with a warning for each in health', async () => {
    gateway.write('protected.json', {
      systems: [aSystem('protected', backend.url, { 'server.mTLS.enabled': true })],
      tokens: [{ id: 'users', signingSecret: 'a'.repeat(64) }],
      channels: [
        onSystem('protected', 'protected', {
          authToken: 'users',
          userRateLimit: { isEnabled: true, period: 1 },
          paths: {
            '*': { isPublic: true },
            verified: { verifyAccessToken: true },
          },
        }),
      ],
    });
    await serves('protected');
    const told = async (kind: string, id: string): Promise<string[]> =>
      (await faultsOf(kind, id)).map(({ severity, pointer }) => `${severity} ${pointer}`).sort();
    await until(async () => (await told('system', 'protected')).length > 0);
    expect(await told('channel', 'protected')).toEqual([
      'warning /paths/~1verified/verifyAccessToken',
      'warning /userRateLimit',
    ]);
    expect(await told('system', 'protected')).toEqual(['warning /parameters/server.mTLS.enabled']);
    expect(await told('token', 'users')).toEqual([]);
    expect((await call(gateway.port, '/api/request/protected/verified')).status).toBe(401);
    expect((await gateway.health()).status).toBe('ok');
  });
});

describe('a change of records', () => {
  let gateway: TestGateway;
  const held = new HeldCalls();
  const connections = new Set<Socket>();
  let connected = 0;

  /** A channel and its system, both of one version, in one file: one revision. */
  const pair = (version: number, system: number = version): object => ({
    systems: [aSystem('versioned', backend.url, { 'server.header.X-System': String(system) })],
    channels: [onSystem('versioned', 'versioned', { responseHeaders: { 'X-Version': String(version) } })],
  });
  const path = '/api/request/versioned/x';
  const versionOf = async (): Promise<number> => Number((await call(gateway.port, path)).headers['x-version']);

  beforeAll(() => {
    backend.server.on('connection', (socket: Socket) => {
      connected++;
      connections.add(socket);
      socket.on('close', () => connections.delete(socket));
    });
  });
  beforeEach(async () => {
    backend.handler = (request, response) =>
      (request.url.includes('held') ? held.handler : tellSystem)(request, response);
    gateway = await TestGateway.start({ components: { 'all.json': pair(1) }, settings: { 'log.requests': 'errors' } });
  });
  afterEach(async () => void (await gateway.stop()));

  /** Eight clients that complain of every answer that is not 200, or of two versions, or of an older one than before. */
  function underLoad(onVersion: (version: number) => void): SteadyLoad {
    const last: number[] = [];
    return new SteadyLoad(`${gateway.url}${path}`, 8, ({ status, headers, text }, client) => {
      const version = Number(headers['x-version']);
      const before = last[client] ?? 0;
      last[client] = version;
      if (status !== 200) return `status ${status}: ${text}`;
      if (text !== `{"system":"${version}"}`) return `version ${version} of the channel with ${text}`;
      if (version < before) return `version ${version} after ${before}`;
      onVersion(version);
      return null;
    });
  }

  it('takes effect within a second, without a failed request and never by halves', async () => {
    const seenAt = new Map<number, number>();
    const load = underLoad((version) => {
      if (!seenAt.has(version)) seenAt.set(version, performance.now());
    });
    await until(() => load.answers > 200);
    for (const version of [2, 3, 4]) {
      const writtenAt = performance.now();
      gateway.write('all.json', pair(version));
      await until(() => seenAt.has(version) || load.complaints.length > 0);
      expect(load.complaints).toEqual([]);
      expect(seenAt.get(version)! - writtenAt).toBeLessThan(1000);
    }
    await load.stop();
    expect(load.complaints).toEqual([]);
    expect([...seenAt.keys()]).toEqual([1, 2, 3, 4]);
  });

  it('two hundred times in a row fails no request', async () => {
    let newest = 0;
    const load = underLoad((version) => (newest = Math.max(newest, version)));
    const file = join(gateway.componentsFolder, 'all.json');
    const aside = join(gateway.componentsFolder, '.all.json.swp');
    const startedAt = performance.now();
    for (let version = 2; version <= 201; version++) {
      const text = JSON.stringify(pair(version));
      // As a program writes, and as an editor does.
      writeFileSync(version % 2 === 0 ? file : aside, text);
      if (version % 2 === 1) renameSync(aside, file);
      await until(() => newest === version || load.complaints.length > 0);
      expect(load.complaints).toEqual([]);
    }
    expect(performance.now() - startedAt).toBeLessThan(30_000);
    await load.stop();
    expect(load.complaints).toEqual([]);
    expect(load.answers).toBeGreaterThan(1000);
    expect(await gateway.metric('sluice_config_revision')).toBeGreaterThanOrEqual(201);
    // Pools that were replaced are gone with their connections.
    await until(() => connections.size <= 8);
  });

  it('keeps the pool of a system that did not change', async () => {
    await versionOf();
    const before = connected;
    gateway.write('all.json', pair(2, 1));
    await until(async () => (await versionOf()) === 2);
    gateway.write('other.json', { systems: [aSystem('other', backend.url)], channels: [onSystem('other', 'other')] });
    await until(async () => (await call(gateway.port, '/api/request/other/x')).status === 200);
    expect(connected).toBe(before + 1);
    await versionOf();
    expect(connected).toBe(before + 1);
  });

  it('drains the pool of a system that did: a call under way is answered, as it began', async () => {
    await versionOf();
    const sockets = new Set(connections);
    const underWay = call(gateway.port, `${path}/held`);
    await until(() => held.held.length === 1);
    gateway.write('all.json', pair(2));
    await until(async () => (await versionOf()) === 2);
    const [{ request }] = held.held as [(typeof held.held)[number]];
    expect(request.headers['x-system']).toBe('1');
    const before = connected;
    await versionOf();
    expect(connected).toBe(before);
    held.release();
    const answer = await underWay;
    expect([answer.status, answer.headers['x-version']]).toEqual([200, '1']);
    await until(() => [...sockets].every((socket) => !connections.has(socket)));
    expect(await versionOf()).toBe(2);
  });

  it('that takes the channel away lets a call under way end', async () => {
    gateway.write('stays.json', { channels: [versioned('stays', 'one')] });
    const underWay = call(gateway.port, `${path}/held`);
    await until(() => held.held.length === 1);
    gateway.remove('all.json');
    await until(async () => (await call(gateway.port, path)).status === 404);
    held.release();
    const answer = await underWay;
    expect([answer.status, answer.headers['x-version']]).toEqual([200, '1']);
  });
});
