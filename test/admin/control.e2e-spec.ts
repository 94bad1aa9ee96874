import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { join } from 'node:path';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { freePort, ran } from '../process/program.js';
import { aChannel } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { call } from '../support/call.js';
import { AdminSite, type As, errorOf, PASSWORD } from './admin-site.js';

jest.setTimeout(60_000);

const SECRET = 'ops-secret-'.repeat(8);
const seconds = Math.floor(Date.now() / 1000);
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
interface Signing {
  readonly secret?: string;
  readonly header?: object;
}
function signed(claims: object, { secret = 'x'.repeat(64), header = { alg: 'HS512' } }: Signing = {}): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${createHmac('sha512', secret).update(text).digest('base64url')}`;
}
/** A gateway token of the record `ops`. */
const gatewayToken = (roles: readonly string[], exp = seconds + 600): string =>
  signed({ sub: 'ada', type: 'user', roles, exp }, { secret: SECRET });

const CLAIMS = [
  { name: 'sub', special: 'ORIGIN_ID' },
  { name: 'roles', special: 'ROLES' },
];
const components = {
  'all.json': {
    channels: [aChannel('shop', 'http://127.0.0.1:1'), aChannel('bank', 'http://127.0.0.1:1')],
    tokens: [{ id: 'ops', tokenName: 'ops_token', signingSecret: SECRET, claims: CLAIMS }],
  },
};

let gateway: TestGateway;
let site: AdminSite;
let root: { token: string };
let operator: As;
let editor: As;
beforeAll(async () => {
  gateway = await TestGateway.start({
    components,
    settings: {
      'admin.bootstrap.password': PASSWORD,
      'throttle.admin.limit': 1_000_000,
      'control.controller.authToken': 'ops',
      'control.controller.roles': 'chief,admin',
      'gateway.requestIdHeaderOn': 'always',
    },
  });
  site = new AdminSite(() => gateway.port);
  root = { token: (await site.login('admin')).token };
  operator = (await site.administrator(root, 'op', 'default:operator')).as;
  editor = (await site.administrator(root, 'ed', 'default:editor')).as;
});
afterAll(() => gateway.stop());

const control = (as: As, line: string, body?: unknown, headers = {}) =>
  site.at(as, line.replace(' ', ' /api/control'), { headers, ...(body !== undefined && { body }) });

describe('the Control API', () => {
  const CALLS: readonly (readonly [string, object | undefined])[] = [
    ['GET /channel/shop', undefined],
    ['POST /channel/shop', undefined],
    ['POST ', { command: 'SHOW', component: 'channel', id: 'shop' }],
    ['POST ', { command: 'REFRESH', component: 'channel', id: 'shop' }],
  ];

  it.each(CALLS)('%s %j is for operators, and shows what is in force', async (line, body) => {
    expect(errorOf(await control(null, line, body))).toEqual([401, 401, 'missing token']);
    expect(errorOf(await control(editor, line, body)).slice(0, 2)).toEqual([403, 403]);
    const { status, body: shown, answer } = await control(operator, line, body);
    expect([status, shown]).toMatchObject([200, { component: 'channel', id: 'shop', active: true, findings: [] }]);
    expect([answer.headers['cache-control'], answer.headers['x-request-id']]).toEqual(['no-store', expect.any(String)]);
  });
  it('takes the API key of an administrator', async () => {
    const { body } = await site.ask(root, 'GET users?search=op');
    const { key } = (await site.ask(root, 'POST keys', { user: body.list![0]!['id'] })).body as { key: string };
    expect((await control({ key }, 'GET /channel/shop')).status).toBe(200);
  });
  it('lists all of a kind, with secrets masked', async () => {
    const { body } = await control(operator, 'GET /channel/*');
    expect([body.total, body.list!.map(({ id }) => id).sort()]).toEqual([2, ['bank', 'shop']]);
    const { answer } = await control(operator, 'GET /token/ops');
    expect([answer.text.includes('********'), answer.text.includes('ops-secret')]).toEqual([true, false]);
  });
  it('brings into force what the source has, with POST alone', async () => {
    gateway.write('more.json', { channels: [aChannel('fresh', 'http://127.0.0.1:1')] });
    const { status, body } = await control(operator, 'POST /channel/fresh');
    expect([status, body['id']]).toEqual([200, 'fresh']);
    gateway.remove('more.json');
    await gateway.until(async () => (await control(operator, 'POST /channel/fresh')).status === 404);
  });
  it.each([
    ['GET /chanel/shop', undefined, 400, 17004],
    ['POST /chanel/*', undefined, 400, 17004],
    ['GET /channel/nothing', undefined, 404, 17002],
    ['POST /channel/nothing', undefined, 404, 17002],
    ['GET /channel/__proto__', undefined, 404, 17002],
    ['GET /__proto__/x', undefined, 400, 17004],
    [`GET /channel/${'x'.repeat(129)}`, undefined, 400, 400],
    ['POST ', { command: 'DROP', component: 'channel', id: 'shop' }, 400, 17007],
    ['POST ', { command: 'SHOW', component: 'x', id: 'shop' }, 400, 17004],
    ['POST ', { command: 'SHOW', component: 'channel', id: 'nothing' }, 404, 17002],
    ['POST ', { command: 'SHOW' }, 400, 400],
    ['POST ', { command: 'SHOW', component: 'channel', more: 1 }, 400, 400],
    ['POST ', '[', 400, 400],
  ])('%s %j is %i with code %i', async (line, body, status, code) => {
    expect(errorOf(await control(operator, line, body)).slice(0, 2)).toEqual([status, code]);
  });
  it.each([
    ['GET ', 'POST'],
    ['DELETE ', 'POST'],
    ['PUT /channel/shop', 'GET, HEAD, POST'],
  ])('%s is 405', async (line, allow) => {
    const told = await control(operator, line);
    expect([told.status, told.answer.headers.allow]).toEqual([405, allow]);
  });
  it('has nothing at other paths', async () => {
    for (const line of ['GET /channel', 'GET /channel/shop/more'])
      expect((await control(operator, line)).status).toBe(404);
  });
});

describe('a gateway token of the record that settings name', () => {
  const asked = async (headers: Readonly<Record<string, string>>) => {
    const told = await control(null, 'GET /channel/shop', undefined, headers);
    return told.status === 200 ? 200 : errorOf(told);
  };
  const good = gatewayToken(['chief']);

  it.each([
    ['Authorization: Bearer', { authorization: `Bearer ${good}` }],
    ['Authorization with its name', { authorization: `ops_token ${good}` }],
    ['the header Rierino-Auth', { 'Rierino-Auth.ops_token': good }],
    ['the header Sluice-Auth', { 'Sluice-Auth.ops_token': good }],
    ['a cookie', { cookie: `Rierino-Auth.ops_token=${good}` }],
  ])('counts in %s', async (_title, headers) => {
    expect(await asked(headers)).toBe(200);
  });
  it.each([
    ['without one of the roles', gatewayToken(['clerk']), [403, 403, expect.stringContaining('chief, admin')]],
    ['without roles', gatewayToken([]), [403, 403, expect.any(String)]],
    ['that has expired', gatewayToken(['chief'], seconds - 3600), [401, 401, 'expired token']],
    ['that is forged', `${good.slice(0, -4)}AAAA`, [401, 401, 'invalid token']],
    ['of another secret', signed({ sub: 'ada', roles: ['chief'], exp: seconds + 600 }), [401, 401, 'invalid token']],
    ['that is none', 'abc', [401, 401, 'invalid token']],
  ])('%s lets nobody in', async (_title, token, expected) => {
    expect(await asked({ authorization: `Bearer ${token}` })).toEqual(expected);
  });
  it('is none at the admin API, whatever roles it has', async () => {
    const token = gatewayToken(['admin', '*:admin', 'chief']);
    expect(errorOf(await site.ask({ token }, 'GET users'))).toEqual([401, 401, 'invalid token']);
  });
});

describe('a token that an attacker made', () => {
  const claims = () => {
    const [, payload] = root.token.split('.') as [string, string];
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  };
  const header = () => JSON.parse(Buffer.from(root.token.split('.')[0]!, 'base64url').toString()) as { kid: string };
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;

  it.each<[string, () => string]>([
    ['of algorithm none', () => `${part({ alg: 'none', kid: header().kid })}.${part(claims())}.`],
    [
      'of algorithm None, with the old signature',
      () => `${part({ alg: 'None', kid: header().kid })}.${root.token.split('.').slice(1).join('.')}`,
    ],
    [
      'signed by RS512',
      () => {
        const text = `${part({ alg: 'RS512', kid: header().kid })}.${part(claims())}`;
        return `${text}.${sign('sha512', Buffer.from(text), privateKey).toString('base64url')}`;
      },
    ],
    [
      'signed with a public key as if it were a secret',
      () => signed(claims(), { secret: pem, header: { alg: 'HS512', kid: header().kid } }),
    ],
    ['of HS256', () => signed(claims(), { header: { alg: 'HS256', kid: header().kid } })],
    ['without kid', () => signed(claims(), { header: { alg: 'HS512' } })],
    ['of another kid', () => signed(claims(), { header: { alg: 'HS512', kid: '../../dev/null' } })],
    ['with a kid that is no text', () => signed(claims(), { header: { alg: 'HS512', kid: { a: 1 } } })],
    [
      'with its own key in the header',
      () => signed(claims(), { header: { alg: 'HS512', kid: header().kid, jwk: { kty: 'oct', k: 'AAAA' } } }),
    ],
    ['with an empty secret', () => signed(claims(), { secret: '', header: { alg: 'HS512', kid: header().kid } })],
    [
      'with other claims',
      () => `${root.token.split('.')[0]}.${part({ ...claims(), sub: 'somebody' })}.${root.token.split('.')[2]}`,
    ],
    ['without end', () => `Bearer ${'a'.repeat(7000)}`],
  ])('%s is invalid', async (_title, make) => {
    for (const told of [
      await site.ask({ token: make() }, 'GET users'),
      await control({ token: make() }, 'GET /channel/shop'),
    ])
      expect(errorOf(told)).toEqual([401, 401, 'invalid token']);
  });
  it('is missing in a scheme that is none of ours', async () => {
    for (const authorization of [
      `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`,
      root.token,
      'Bearer',
      '',
    ])
      expect(errorOf(await site.ask(null, 'GET users', undefined, { authorization }))).toEqual([
        401,
        401,
        'missing token',
      ]);
  });
  it('counts in no query, no cookie and no header of gateway tokens', async () => {
    const { token } = root;
    const headers = { cookie: `token=${token}; Rierino-Auth.token=${token}`, 'Rierino-Auth.access_token': token };
    expect((await site.ask(null, `GET users?access_token=${token}&token=${token}`, undefined, headers)).status).toBe(
      401,
    );
  });
});

describe('the documentation', () => {
  it('names every route with its role, its schemas and its errors', async () => {
    const { status, answer } = await site.at(null, 'GET /admin/api/openapi.json');
    const { paths } = answer.json<{ paths: Record<string, Record<string, Record<string, unknown>>> }>();
    expect([status, Object.keys(paths).sort()]).toEqual([
      200,
      [
        ...['/admin/api/v1/keys', '/admin/api/v1/keys/{id}', '/admin/api/v1/login', '/admin/api/v1/logout'],
        ...['/admin/api/v1/me', '/admin/api/v1/refresh', '/admin/api/v1/sessions', '/admin/api/v1/sessions/{id}'],
        ...['/admin/api/v1/users', '/admin/api/v1/users/{id}', '/api/control', '/api/control/{component}/{id}'],
      ],
    ]);
    const replace = paths['/admin/api/v1/users/{id}']!['put']!;
    expect(replace).toMatchObject({
      'x-role': 'admin',
      requestBody: {},
      responses: { 200: {}, 400: {}, 401: {}, 403: {}, 404: {}, 409: {}, 412: {}, 429: {}, 503: {} },
    });
  });
  it('is shown by pages that load nothing from elsewhere', async () => {
    const answer = await call(gateway.port, '/admin/api/docs');
    expect([answer.status, answer.headers['x-content-type-options']]).toEqual([200, 'nosniff']);
    expect(answer.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-init.js'])
      expect((await call(gateway.port, `/admin/api/docs/${file}`)).status).toBe(200);
  });
});

describe('a family that is switched off', () => {
  it('is not there', async () => {
    const off = await TestGateway.start({
      components: {
        'all.json': {
          channels: [aChannel('shop', 'http://127.0.0.1:1', { aliases: [{ alias: 'admin', target: '/' }] })],
        },
      },
      settings: { 'admin.controller.enabled': false, 'control.controller.enabled': false },
    });
    const there = new AdminSite(() => off.port);
    try {
      for (const line of [
        'GET /admin/api/docs',
        'POST /admin/api/v1/login',
        'GET /api/control/channel/shop',
        'POST /api/control',
      ]) {
        const { status } = await there.at(null, line);
        // The alias is a channel's then, whose backend is not there.
        expect([line, status]).toEqual([line, line.includes('/admin') ? 502 : 404]);
      }
      expect(readdirSync(join(off.home, 'data'))).not.toContain('postgres');
    } finally {
      await off.stop();
    }
  });
  it('takes its path from aliases only while it is on', async () => {
    gateway.write('alias.json', {
      channels: [aChannel('taker', 'http://127.0.0.1:1', { aliases: [{ alias: 'admin', target: '/' }] })],
    });
    await gateway.until(async () => (await gateway.health()).faults.some(({ id }) => id === 'taker'));
    const [fault] = (await gateway.health()).faults.filter(({ id }) => id === 'taker');
    expect(fault).toMatchObject({ pointer: '/aliases/0/alias', severity: 'fault' });
    gateway.remove('alias.json');
  });
});

describe('before anybody administers', () => {
  it('no database is opened, and the first call makes the first administrator, whose password is in a file', async () => {
    const port = await freePort();
    const lone = await TestGateway.start({ settings: { 'management.server.port': port, 'throttle.admin.limit': 3 } });
    const there = new AdminSite(() => lone.port);
    const data = join(lone.home, 'data');
    try {
      expect(readdirSync(data)).not.toContain('postgres');
      // Over the management listener there is no administration.
      for (const path of ['/admin/api/v1/me', '/admin/api/openapi.json', '/api/control/channel/*'])
        expect((await call(port, path)).status).toBe(404);
      expect((await there.ask(null, 'GET me')).status).toBe(401);
      await lone.until(() => readdirSync(data).includes('admin-password'));
      const password = readFileSync(join(data, 'admin-password'), 'utf8').trim();
      expect([password.length >= 24, statSync(join(data, 'admin-password')).mode & 0o777]).toEqual([true, 0o600]);
      expect(await there.login('admin', password)).toMatchObject({ token: expect.any(String) });
      await lone.until(() => lone.output.includes('admin-password'));
      expect(lone.output).not.toContain(password);
      // Three calls a minute, of which some have come back while the database was opened.
      let late = await there.ask(null, 'GET me');
      for (let call = 0; call < 10 && late.status !== 429; call++) late = await there.ask(null, 'GET me');
      expect([errorOf(late)[0], late.answer.headers['retry-after']]).toEqual([429, expect.stringMatching(/^\d+$/)]);
    } finally {
      await lone.stop();
    }
  });
});

describe('the command line beside a running gateway', () => {
  it('lets in an administrator who forgot the password, and ends a key', async () => {
    const settings = ['--set', `data.folder=${join(gateway.home, 'data')}`];
    const sluice = (...args: string[]) => ran('cli/sluice.js', [...args, ...settings], { cwd: gateway.home });
    const listed = await sluice('user', 'list', '--json');
    expect(JSON.parse(listed.out)).toContainEqual(expect.objectContaining({ username: 'ed', type: 'admin' }));
    const made = await sluice('key', 'create', 'ed');
    const key = made.out.trim();
    expect((await site.ask({ key }, 'GET sessions')).status).toBe(200);
    const [{ id }] = JSON.parse((await sluice('key', 'list', '--user', 'ed', '--json')).out) as [{ id: string }];
    expect((await sluice('key', 'delete', id)).code).toBe(0);
    expect((await site.ask({ key }, 'GET sessions')).status).toBe(401);
    const refused = await sluice('user', 'set', 'ed', '--password');
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('standard input')]);
  });
});
