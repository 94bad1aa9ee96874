import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { echoEvent, sendJson, TestBackend } from '../support/backend.js';
import { call, type CallAnswer, type ErrorAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';

const open = { isPublic: true };
const disabled = { isDisabled: true };

let backend: TestBackend;
let gateway: TestGateway;

beforeAll(async () => {
  backend = await TestBackend.start();
  gateway = await TestGateway.start({
    components: withChannels(
      aChannel('rules', backend.url, {
        paths: {
          '*': open,
          off: disabled,
          secret: {},
          'café au lait': disabled,
          'tree/*': disabled,
          'tree/leaf': open,
          'tree/branch/*': open,
          'tree/branch/rotten/*': disabled,
          'tree/branch/rotten/good': open,
        },
        aliases: [{ alias: 'short', target: '/' }],
      }),
      aChannel('below', backend.url, { paths: { 'product/*': open } }),
      aChannel('exact', backend.url, { paths: { product: open } }),
      aChannel('norules', backend.url, { paths: {} }),
      aChannel('spelled', backend.url, {
        paths: { '/a//b/': open, 'caf%C3%A9': open, 'feed.json': open, '/wide/*': open },
      }),
      aChannel('crud', backend.url, { executor: 'crud' }),
      aChannel('root', backend.url, { target: '/' }),
      aChannel('crudroot', backend.url, { executor: 'crud', target: '/' }),
      aChannel('based', `${backend.url}/base/`, { target: 'api/' }),
    ),
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await backend.close();
}, 60_000);
beforeEach(() => {
  backend.seen.length = 0;
  backend.handler = echoEvent;
});

const get = (path: string): Promise<CallAnswer> => call(gateway.port, path);
const statusOf = async (path: string, method = 'GET'): Promise<number> =>
  (await call(gateway.port, path, { method })).status;

async function refusal(path: string): Promise<{ status: number; message: string; calls: number }> {
  const answer = await get(path);
  return { status: answer.status, message: answer.json<ErrorAnswer>().error.message, calls: backend.seen.length };
}

describe('a disabled path', () => {
  const isDisabled = { status: 403, message: 'path is disabled', calls: 0 };
  it.each([
    '/api/request/rules/off',
    '/api/request/rules/off?x=1',
    '/api/request/rules/%6Fff',
    '/api/request/rules/%6F%66%66',
    '/api/request/rules/of%66',
    '/api/request/rules//off',
    '/api/request/rules///off//',
    '//api//request//rules//off',
    '/api/request/rules/off/',
    '/api/request/rules/off.json',
    '/api/request/rules/off.json/',
    '/api/request/rules/off%2Ejson',
    '/api/request/rules/o%66f%2ejso%6e',
    '/api/request/%72ules/off',
    '/%61pi/request/rules/off',
    '/api/request/rules@main/off',
    '/api/request/rules@dev/off',
    '/api/request/rules%40dev/off',
    '/api/request/full/rules/off?data={}',
    '/api/request/full/e/rules/off?data=e30=',
    '/api/request/f%75ll/rules/off',
    '/short/off',
    '/sh%6Frt//off.json',
    '/api/request/rules/caf%C3%A9%20au%20lait',
    '/api/request/rules/caf%c3%a9%20au%20lait.json',
    '/api/request/rules/%63af%C3%A9%20%61u%20lait/',
  ])('is refused in every spelling: %s', async (path) => {
    expect(await refusal(path)).toEqual(isDisabled);
  });
  it.each(['.xml', '.html', '.txt', '.csv'])('is refused with the extension %s', async (extension) => {
    const { status, calls } = await refusal(`/api/request/rules/off${extension}`);
    expect({ isRefused: status === 403 || status === 406, calls }).toEqual({ isRefused: true, calls: 0 });
  });
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])('is refused for %s', async (method) => {
    expect(await statusOf('/api/request/rules/off', method)).toBe(403);
    expect(backend.seen).toEqual([]);
  });
});

describe('a path that is not public', () => {
  it.each([
    '/api/request/rules/secret',
    '/api/request/rules/%73ecret',
    '/api/request/rules//secret//',
    '/api/request/rules/secret.json',
    '/api/request/rules/secre%74%2ejson/',
    '/short/secret',
    '/api/request/full/rules/secret?data={}',
    '/api/request/full/rules/secret?data={"auth":{"username":"a","password":"b"}}',
  ])('is 401 in every spelling: %s', async (path) => {
    expect(await refusal(path)).toEqual({ status: 401, message: 'missing token', calls: 0 });
  });
  it.each(['Bearer abc', 'Basic YTpi', 'Bearer base64=e30=', 'API-key abc'])(
    'is 401 whatever credential is sent, until tokens are built: %s',
    async (authorization) => {
      const answer = await call(gateway.port, '/api/request/rules/secret', {
        headers: { Authorization: authorization },
      });
      expect(answer.status).toBe(401);
    },
  );
});

describe('spellings that a backend might read otherwise', () => {
  it.each([
    '/api/request/rules/./off',
    '/api/request/rules/x/../off',
    '/api/request/rules/%2e/off',
    '/api/request/rules/x/%2e%2e/off',
    '/api/request/rules/x/.%2e/off',
    '/api/request/rules/off/.',
    '/api/request/rules/../rules/off',
    '/api/request/rules/off;x',
    '/api/request/rules/off;jsessionid=1',
    '/api/request/rules/;/off',
    '/api/request/rules/off%3Bx',
    '/api/request/rules/x%2Foff',
    '/api/request/rules%2Foff',
    '/api/request/rules/%2Foff',
    '/api/request/rules/off%2F',
    '/api/request/rules/off%2f',
    '/api/request/rules/x%5Coff',
    '/api/request/rules/x\\..\\off',
    '/api/request/rules/off%00',
    '/api/request/rules/off%00.json',
    '/api/request/rules/off%09',
    '/api/request/rules/off%0d%0a',
    '/api/request/rules/off%7f',
    '/api/request/rules/off%C2%85',
    '/api/request/rules/o%C1%A6f',
    '/api/request/rules/off%',
    '/api/request/rules/%u006Fff',
  ])('are 400: %s', async (path) => {
    const { status, calls } = await refusal(path);
    expect({ status, calls }).toEqual({ status: 400, calls: 0 });
  });
  it.each([
    ['/api/request/rules/OFF', '/OFF'],
    ['/api/request/rules/Off', '/Off'],
    ['/api/request/rules/off%20', '/off '],
    ['/api/request/rules/%256Fff', '/%6Fff'],
    ['/api/request/rules/%252e%252e/off', '/%2e%2e/off'],
    ['/api/request/rules/off.png', '/off.png'],
    ['/api/request/rules/off.JSON', '/off.JSON'],
    ['/api/request/rules/off.json.json', '/off.json'],
    ['/api/request/rules/off/below', '/off/below'],
  ])('that name another path are another path for the runner too: %s', async (path, expected) => {
    expect(await statusOf(path)).toBe(200);
    expect(backend.lastEvent().requestMeta.path).toBe(expected);
  });
  it('of the mount point count by case', async () => {
    expect(await statusOf('/API/request/rules/x')).toBe(404);
    expect(await statusOf('/api/Request/rules/x')).toBe(404);
    expect(await statusOf('/api/request/Rules/x')).toBe(404);
  });
});

describe('the most specific rule wins', () => {
  it.each([
    ['exact before a prefix', 'tree/leaf', 200],
    ['a prefix before *', 'tree/twig', 403],
    ['a prefix at any depth', 'tree/a/b/c/d/e', 403],
    ['the longer prefix', 'tree/branch/x', 200],
    ['the longer prefix at any depth', 'tree/branch/x/y/z', 200],
    ['the longest prefix', 'tree/branch/rotten/x', 403],
    ['exact before the longest prefix', 'tree/branch/rotten/good', 200],
    ['what is below an exact rule falls back to the prefix', 'tree/leaf/x', 403],
    ['tree/branch/* does not match tree/branch itself', 'tree/branch', 403],
    ['tree/* does not match tree itself', 'tree', 200],
    ['prefixes end at a slash', 'treehouse', 200],
    ['*', 'anything/else', 200],
  ])('%s', async (_what, path, status) => {
    expect(await statusOf(`/api/request/rules/${path}`)).toBe(status);
  });
  it('product/* does not match product', async () => {
    expect(await statusOf('/api/request/below/product/1')).toBe(200);
    expect(await statusOf('/api/request/below/product')).toBe(401);
    expect(await statusOf('/api/request/below/product/')).toBe(401);
  });
  it('product does not match product/1', async () => {
    expect(await statusOf('/api/request/exact/product')).toBe(200);
    expect(await statusOf('/api/request/exact/product/1')).toBe(401);
  });
  it('rules are brought into the normal form too', async () => {
    const paths = ['a/b', 'caf%C3%A9', 'feed', 'feed.json', 'wide/x'];
    expect(await Promise.all(paths.map((path) => statusOf(`/api/request/spelled/${path}`)))).toEqual(
      paths.map(() => 200),
    );
    expect(await statusOf('/api/request/spelled/wide')).toBe(401);
  });
  it('no path at all is matched by * only', async () => {
    expect(await statusOf('/api/request/rules')).toBe(200);
    expect(backend.lastEvent().requestMeta.path).toBe('/');
    expect(await statusOf('/api/request/rules/')).toBe(200);
    expect(await statusOf('/api/request/below')).toBe(401);
    expect(await statusOf('/api/request/exact/')).toBe(401);
  });
  it('with no rule at all a path is closed', async () => {
    expect(await statusOf('/api/request/norules/x')).toBe(401);
    expect(await statusOf('/api/request/norules')).toBe(401);
  });
});

describe('what is nobody’s', () => {
  it.each([
    ['an unknown channel', '/api/request/nobody/x', 17002],
    ['no channel', '/api/request', 404],
    ['full, which is no channel id', '/api/request/full', 17002],
    ['an unknown channel of a full call', '/api/request/full/nobody/x', 17002],
    ['another family', '/api/stream/rules/x', 404],
    ['the root', '/', 404],
    ['a path that is no alias', '/shorter', 404],
  ])('is 404: %s', async (_what, path, code) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(answer.json<ErrorAnswer>().error.code).toBe(code);
    expect(backend.seen).toEqual([]);
  });
});

describe('the normal form is what the runner gets', () => {
  it.each([
    ['/api/request/rules/a/b', '/a/b', '/api/a/b'],
    ['/api/request/rules//a///b//', '/a/b', '/api/a/b'],
    ['/api/request/rules/%61/%62.json', '/a/b', '/api/a/b'],
    ['/api/request/rules/caf%C3%A9/a%20b', '/café/a b', '/api/caf%C3%A9/a%20b'],
    ['/api/request/rules/50%25', '/50%', '/api/50%25'],
    ['/api/request/rules/a+b/a%2Bb', '/a+b/a+b', '/api/a+b/a+b'],
    ['/api/request/rules/a%3Fadmin=1', '/a?admin=1', '/api/a%3Fadmin=1'],
    ['/api/request/rules/a%23b', '/a#b', '/api/a%23b'],
    ['/api/request/rules/v1.2/photo.png', '/v1.2/photo.png', '/api/v1.2/photo.png'],
    ['/api/request/rules/.json', '/.json', '/api/.json'],
    ['/api/request/rules/a/...json', '/a/...json', '/api/a/...json'],
    ['/short/a/b', '/a/b', '/api/a/b'],
  ])('rpc: %s', async (path, metaPath, url) => {
    expect(await statusOf(path)).toBe(200);
    expect({ path: backend.lastEvent().requestMeta.path, url: backend.seen.at(-1)!.url }).toEqual({
      path: metaPath,
      url,
    });
  });
  it.each([
    ['/api/request/crud//todo//', '/api/todo'],
    ['/api/request/crud/todo.json?skip=1', '/api/todo?skip=1'],
    ['/api/request/crud/t%6Fdo/a%20b%3Fc', '/api/todo/a%20b%3Fc'],
    ['/api/request/crud/todo/@?a=%2F&b=%zz', '/api/todo/@?a=%2F&b=%zz'],
    ['/api/request/crud', '/api'],
    ['/api/request/crud/?a=1', '/api?a=1'],
  ])('crud, with the query as it came: %s', async (path, url) => {
    backend.handler = (_request, response) => sendJson(response, '{}');
    expect(await statusOf(path)).toBe(200);
    expect(backend.seen.at(-1)!.url).toBe(url);
  });
  it('below baseUrl and target, however their slashes are written', async () => {
    expect(await statusOf('/api/request/based/x')).toBe(200);
    expect(backend.seen.at(-1)!.url).toBe('/base/api/x');
  });
  it.each(['root', 'crudroot'])('with neither path nor target it is the root (%s)', async (channel) => {
    backend.handler = (_request, response) => sendJson(response, '{}');
    expect(await statusOf(`/api/request/${channel}?a=1`)).toBe(200);
    expect(backend.seen.at(-1)!.url).toBe(channel === 'root' ? '/' : '/?a=1');
  });
});
