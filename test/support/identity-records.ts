import { randomBytes } from 'node:crypto';
import type { GivenRecord } from '../../src/components/database/component-edits.js';
import type { TestBackend } from './backend.js';
import { call, post, type CallAnswer } from './call.js';
import { bearer } from './flow-answers.js';

export { bearer } from './flow-answers.js';

/** For HS512, as a token record has it. */
export const aSecret = (): string => `base64:${randomBytes(64).toString('base64')}`;

const CLAIMS = [
  { name: 'sub', source: 'user.id', special: 'ORIGIN_ID', element: 'user.id' },
  { name: 'roles', class: 'string[]', source: 'user.roles', special: 'ROLES' },
  { name: 'type', value: 'user', special: 'ORIGIN_TYPE' },
  { name: 'sid', special: 'SESSION_ID' },
];
/** What the example's identity server does as an authentication server, and as a session server. */
export const PROVIDER_ACTIONS = [
  'register',
  'login',
  'validate',
  'resolve',
  'refresh',
  'logout',
  'delete',
  'resolveKey',
];
export const SESSION_ACTIONS = ['touch', 'extend', 'extendList', 'stitch', 'expire'];
export const urlsOf = (actions: readonly string[]): Record<string, string> =>
  Object.fromEntries(actions.map((action) => [action, `/${action}`]));

/** A token whose authentication and session server are those of channels `auth_user` and `session_user`. */
export const aUserToken = (id: string, more: object = {}): GivenRecord => ({
  kind: 'token',
  id,
  data: {
    ...{ expiration: 600, signingSecret: aSecret(), claims: CLAIMS, verifiable: true, apiKeyName: 'X-Api-Key' },
    provider: { channel: 'auth_user', timeout: 5000, urls: urlsOf([...PROVIDER_ACTIONS, 'custom']) },
    session: { channel: 'session_user', urls: urlsOf(SESSION_ACTIONS) },
    ...more,
  },
});

export const aChannelRecord = (id: string, baseUrl: string, more: object = {}): GivenRecord => ({
  kind: 'channel',
  id,
  data: { executor: 'rpc', parameters: { 'server.baseUrl': baseUrl }, target: '/api', ...more },
});

/** No login saga of its own: the backend of these tests echoes. */
const NO_SAGAS = Object.fromEntries(
  ['/login', '/register', '/refresh', '/logout', '/delete'].map((path) => [path, { isDisabled: true }]),
);
export const PATHS = {
  ...NO_SAGAS,
  '/open': { isPublic: true },
  '/any': {},
  '/admin': { methods: { '*': { roles: ['admin'] } } },
  '/verified': { verifyAccessToken: true },
};

export interface World {
  readonly identityUrl: string;
  readonly backendUrl: string;
  readonly token?: object;
  readonly channel?: object;
  /** Of the system that is the authentication server. */
  readonly providerParameters?: object;
}

/** Channel `shop` with token `shop`, and the channels of its authentication and session server. */
export const identityRecords = ({
  identityUrl,
  backendUrl,
  token = {},
  channel = {},
  providerParameters,
}: World): GivenRecord[] => [
  aUserToken('shop', token),
  aChannelRecord('shop', backendUrl, { authToken: 'shop', paths: PATHS, ...channel }),
  aChannelRecord('auth_user', identityUrl, {
    target: '/auth/user',
    parameters: { 'server.baseUrl': identityUrl, ...providerParameters },
  }),
  aChannelRecord('session_user', identityUrl, { target: '/session/user' }),
];

/** A token and its channel, both called so, whose server names a user and gives no tokens: refresh tokens are the gateway's own. */
export const bareRecords = (backendUrl: string, id = 'bare'): GivenRecord[] => [
  aUserToken(id, {
    ...{ session: undefined, verifiable: false },
    provider: { channel: `auth_${id}`, urls: urlsOf(['login', 'logout']) },
  }),
  aChannelRecord(id, backendUrl, { authToken: id, paths: PATHS }),
  aChannelRecord(`auth_${id}`, backendUrl, { target: '/auth' }),
];
export const bareProvider: TestBackend['handler'] = (request, response) => {
  const isAuth = request.url.startsWith('/auth/');
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(isAuth ? '{"payload":{"user":{"id":"eve","roles":[]}}}' : request.body);
};

/** As a file of components has them. */
export function asFile(records: readonly GivenRecord[]): Record<string, unknown> {
  const file: Record<string, unknown[]> = {};
  for (const { kind, id, data } of records) (file[`${kind}s`] ??= []).push({ id, ...(data as object) });
  return { 'all.json': JSON.parse(JSON.stringify(file)) as unknown };
}

export interface LoggedIn {
  readonly gateway_token: string;
  readonly refresh_token: string;
}

/** @throws where it is refused */
export async function login(port: number, user = 'ada:lovelace', channel = 'shop', query = ''): Promise<LoggedIn> {
  const authorization = `Basic ${Buffer.from(user).toString('base64')}`;
  const answer = await flow(port, `login/${channel}${query}`, {}, { authorization });
  if (answer.status !== 200) throw new Error(`The login is refused: ${answer.status} ${answer.text}`);
  return answer.json<LoggedIn>();
}

export const flow = (port: number, path: string, body: unknown, headers = {}): Promise<CallAnswer> =>
  post(port, `/api/auth/${path}`, JSON.stringify(body), headers);
export const refresh = (port: number, token: string, channel = 'shop'): Promise<CallAnswer> =>
  flow(port, `refresh/${channel}`, { refresh_token: token });
export const logout = (port: number, token: string, channel = 'shop'): Promise<CallAnswer> =>
  flow(port, `logout/${channel}`, {}, bearer(token));
export const ask = (port: number, token: string, path = 'shop/any'): Promise<CallAnswer> =>
  call(port, `/api/request/${path}`, { headers: bearer(token) });
