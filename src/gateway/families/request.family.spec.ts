import { describe, expect, it } from '@jest/globals';
import {
  aCompiledChannel,
  anExchange,
  aRule,
  someOptions,
  type GivenExchange,
} from '../../../test/support/an-exchange.js';
import type { GatewayOptions } from '../../contracts/gateway-options.js';
import { AliasTable, type CompiledAlias } from '../resolve/alias-table.js';
import type { CompiledPath } from '../resolve/compiled-channel.js';
import { HeaderMap } from '../resolve/header-map.js';
import { PathRules } from '../resolve/path-rules.js';
import { RouteTable } from '../resolve/route-table.js';
import { refusal } from '../stage.js';
import { RequestFamily } from './request.family.js';

const GET = aRule();
const OTHER = aRule();
const ANY = aRule();
const path: CompiledPath = { byMethod: new Map([['GET', GET]]), otherwise: OTHER, allow: 'GET, HEAD, OPTIONS' };
const any: CompiledPath = { byMethod: new Map(), otherwise: ANY, allow: 'POST, OPTIONS' };
const paths = new PathRules([['/p', path] as const], any);
const rpc = aCompiledChannel('event', { id: 'rpc', paths });
const broken = aCompiledChannel('event', { id: 'broken', paths, outOfForce: refusal('CHANNEL_BROKEN') });
const e = aCompiledChannel('event', { id: 'e', paths });

const alias = (from: string, target: string, map: Record<string, string> | null = null): [string, CompiledAlias] => [
  from,
  { path: from, channel: rpc, target, headerMap: map === null ? null : new HeaderMap(map) },
];

function resolve(given: GivenExchange, options: Partial<GatewayOptions> = {}) {
  const routes = new RouteTable();
  routes.swap({
    revision: 1,
    channels: new Map([rpc, broken, e].map((channel) => [channel.id, channel])),
    aliases: new AliasTable(
      new Map([
        alias('/hello', '/p'),
        alias('/shop', '/'),
        alias('/mapped', '/p', { 'x-use-branch': '{"x-branch": value}' }),
      ]),
      1,
    ),
  });
  const exchange = anExchange(given);
  const verdict = new RequestFamily(routes, someOptions(options)).resolve(exchange);
  return { exchange, said: verdict === null ? null : verdict.kind === 'refusal' ? verdict.error : verdict };
}

describe('/api/request/{channel}/{path}', () => {
  it('finds the channel, the path below it and the rule of the method', () => {
    const { exchange, said } = resolve({ path: '/api/request/rpc/p' });
    expect([said, exchange.channel, exchange.runnerPath, exchange.rule]).toEqual([null, rpc, '/p', GET]);
    expect(resolve({ path: '/api/request/rpc/p', method: 'POST' }).exchange.rule).toBe(OTHER);
    expect(resolve({ path: '/api/request/rpc/q/r' }).exchange).toMatchObject({ runnerPath: '/q/r', rule: ANY });
  });
  it('has the path / where there is none', () => {
    expect(resolve({ path: '/api/request/rpc' }).exchange).toMatchObject({ runnerPath: '/', rule: ANY });
  });
  it('is 404 for a channel that is unknown', () => {
    expect(resolve({ path: '/api/request/nowhere/p' }).said).toBe('CHANNEL_UNKNOWN');
    expect(resolve({ path: '/api/request/RPC/p' }).said).toBe('CHANNEL_UNKNOWN');
    expect(resolve({ path: '/api/request/__proto__/p' }).said).toBe('CHANNEL_UNKNOWN');
  });
  it('is refused as its channel says while that is out of force', () => {
    const { exchange, said } = resolve({ path: '/api/request/broken/p' });
    expect([said, exchange.channel?.id]).toEqual(['CHANNEL_BROKEN', 'broken']);
  });
  it('is found by its clients below the same prefix', () => {
    expect(resolve({ path: '/api/request/rpc/p/1' }).exchange.publicPrefix).toBe('/api/request/rpc');
    expect(resolve({ path: '/api/request/rpc@dev/p/1' }).exchange.publicPrefix).toBe('/api/request/rpc@dev');
  });
  it.each(['/', '/api', '/api/request', '/api/requests/rpc/p', '/elsewhere'])(
    'is not %s, where there is nothing',
    (nowhere) => {
      expect(resolve({ path: nowhere }).said).toBe('NOT_FOUND');
    },
  );
});

describe('an extension', () => {
  it('is taken off before rules and runner see the path', () => {
    const { exchange, said } = resolve({ path: '/api/request/rpc/p.json' });
    expect([said, exchange.runnerPath, exchange.rule]).toEqual([null, '/p', GET]);
  });
  it.each(['xml', 'html', 'txt', 'csv'])('.%s is 406 in this release', (extension) => {
    expect(resolve({ path: `/api/request/rpc/p.${extension}` }).said).toBe('FORMAT_UNSUPPORTED');
  });
  it('is none of a channel id', () => {
    expect(resolve({ path: '/api/request/rpc.json' }).said).toBe('CHANNEL_UNKNOWN');
  });
});

describe('OPTIONS', () => {
  it('is answered 204 with Allow', () => {
    const { said } = resolve({ path: '/api/request/rpc/p', method: 'OPTIONS' });
    expect(said).toMatchObject({ status: 204, headers: ['Allow', 'GET, HEAD, OPTIONS'], body: null });
    expect(resolve({ path: '/api/request/rpc/q', method: 'OPTIONS' }).said).toMatchObject({
      headers: ['Allow', 'POST, OPTIONS'],
    });
  });
});

describe('a full call', () => {
  it('names its channel behind full or full/e', () => {
    for (const prefix of ['/api/request/full', '/api/request/full/e'])
      expect(resolve({ path: `${prefix}/rpc/p` }).exchange).toMatchObject({ channel: { id: 'rpc' }, runnerPath: '/p' });
  });
  it('is in base64 behind full/e, though there is a channel e', () => {
    expect(resolve({ path: '/api/request/full/e/rpc' }).exchange.channel?.id).toBe('rpc');
    expect(resolve({ path: '/api/request/full/e' }).exchange.channel?.id).toBe('e');
  });
  it('has full as no channel id', () => {
    expect(resolve({ path: '/api/request/full' }).said).toBe('CHANNEL_UNKNOWN');
  });
  it.each(['PUT', 'PATCH', 'DELETE'])('by %s is 405', (method) => {
    expect(resolve({ path: '/api/request/full/rpc/p', method }).said).toBe('METHOD_NOT_ALLOWED');
    expect(resolve({ path: '/api/request/full/e/rpc/p', method }).said).toBe('METHOD_NOT_ALLOWED');
  });
  it.each(['GET', 'HEAD', 'POST'])('by %s goes on', (method) => {
    expect(resolve({ path: '/api/request/full/rpc/p', method }).said).toBeNull();
  });
});

describe('the branch', () => {
  const branch = (given: GivenExchange, options: Partial<GatewayOptions> = {}) => {
    const { exchange, said } = resolve({ path: '/api/request/rpc/p', ...given }, options);
    return said ?? exchange.branch;
  };

  it('is main where a request names none', () => {
    expect(branch({})).toBe('main');
  });
  it('stands behind the channel', () => {
    expect(branch({ path: '/api/request/rpc@dev-1.2/p' })).toBe('dev-1.2');
    expect(branch({ path: '/api/request/full/rpc@dev/p' })).toBe('dev');
  });
  it('else in X-Branch', () => {
    expect(branch({ headers: { 'x-branch': 'feature/x' } })).toBe('feature/x');
  });
  it('behind the channel wins over X-Branch', () => {
    expect(branch({ path: '/api/request/rpc@dev/p', headers: { 'x-branch': 'test' } })).toBe('dev');
  });
  it('main behind the channel wins over X-Branch too', () => {
    expect(branch({ path: '/api/request/rpc@main/p', headers: { 'x-branch': 'test' } })).toBe('main');
  });
  it.each([
    ['empty', '/api/request/rpc@/p'],
    ['with a blank', '/api/request/rpc@a b/p'],
    ['with a second @', '/api/request/rpc@a@b/p'],
    ['of 129 characters', `/api/request/rpc@${'a'.repeat(129)}/p`],
  ])('is 400 where it is %s', (_what, malformed) => {
    expect(branch({ path: malformed })).toBe('BRANCH_INVALID');
  });
  it('is 400 where X-Branch is malformed or stands twice', () => {
    expect(branch({ headers: { 'x-branch': 'a b' } })).toBe('BRANCH_INVALID');
    expect(branch({ headers: { 'x-branch': 'a, b' } })).toBe('BRANCH_INVALID');
  });
  it('other than main is 403 with gateway.allowBranch false', () => {
    const options = { allowBranch: false };
    expect(branch({ path: '/api/request/rpc@dev/p' }, options)).toBe('BRANCH_REFUSED');
    expect(branch({ headers: { 'x-branch': 'dev' } }, options)).toBe('BRANCH_REFUSED');
    expect(branch({ path: '/api/request/rpc@main/p' }, options)).toBe('main');
    expect(branch({ headers: { 'x-branch': 'main' } }, options)).toBe('main');
  });
});

describe('an alias', () => {
  it('serves its target on its channel', () => {
    expect(resolve({ path: '/hello' }).exchange).toMatchObject({ channel: { id: 'rpc' }, runnerPath: '/p', rule: GET });
    expect(resolve({ path: '/shop/p' }).exchange).toMatchObject({ runnerPath: '/p', rule: GET });
  });
  it('takes the format from its extension', () => {
    expect(resolve({ path: '/hello.json' }).exchange.runnerPath).toBe('/p');
    expect(resolve({ path: '/hello.csv' }).said).toBe('FORMAT_UNSUPPORTED');
    expect(resolve({ path: '/shop.csv' }).said).toBe('FORMAT_UNSUPPORTED');
  });
  it('has its header map at work before the branch is read', () => {
    const { exchange } = resolve({ path: '/mapped', headers: { 'x-use-branch': 'dev' } });
    expect([exchange.branch, exchange.headers]).toEqual(['dev', { 'x-use-branch': 'dev', 'x-branch': 'dev' }]);
  });
  it('leaves the headers that the client sent as they were', () => {
    const { exchange } = resolve({ path: '/mapped', headers: { 'x-use-branch': 'dev' } });
    expect(exchange.head.headers).toEqual({ 'x-use-branch': 'dev' });
  });
  it('of a whole channel is where clients find that channel', () => {
    expect(resolve({ path: '/shop/p' }).exchange.publicPrefix).toBe('/shop');
  });
  it('of a path gives way to the path of the channel, where its other paths are', () => {
    expect(resolve({ path: '/hello' }).exchange.publicPrefix).toBe('/api/request/rpc');
  });
});

describe('request.controller.enabled false', () => {
  const options = { requestFamilyEnabled: false };

  it('leaves nothing at /api/request', () => {
    for (const gone of ['/api/request/rpc/p', '/api/request/full/rpc/p'])
      expect(resolve({ path: gone }, options).said).toBe('NOT_FOUND');
  });
  it('leaves aliases where they are', () => {
    expect(resolve({ path: '/hello' }, options).said).toBeNull();
  });
});
