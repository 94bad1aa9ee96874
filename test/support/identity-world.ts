import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { OutgoingHttpHeaders } from 'node:http';
import {
  IdentityServer,
  type IdentityServerOptions,
  type SeenCall,
} from '../../examples/identity-over-rpc/identity-server.js';
import { echoEvent, sendJson, TestBackend, type SeenRequest } from './backend.js';
import { call, type CallAnswer } from './call.js';
import { aChannel, type ChannelSetup } from './channels.js';
import { basic, SECRET, tokensOf, type Tokens } from './flow-answers.js';
import { TestGateway, type GatewaySetup } from './gateway.js';
import { aSecret, PROVIDER_ACTIONS, SESSION_ACTIONS, urlsOf } from './identity-records.js';

export * from './flow-answers.js';

/** How gateway and servers speak: events, or plain HTTP over executor crud. */
export const WAYS = ['rpc', 'http'] as const;
export type Way = (typeof WAYS)[number];
type Members = Readonly<Record<string, unknown>>;

/** One kind of token and a channel that has it, once for each way: `{name}_rpc`, `{name}_http`. */
export interface Variant {
  /** Over what all have; a null member is left out. */
  readonly token?: (way: Way) => Members;
  readonly channel?: ChannelSetup;
}

export interface WorldSetup {
  readonly variants?: Readonly<Record<string, Variant>>;
  /** Over what guests' tokens have; channels name it by `anonymousToken: true`. */
  readonly guest?: Members;
  readonly channels?: (world: { readonly backend: TestBackend }) => readonly Members[];
  readonly settings?: GatewaySetup['settings'];
  readonly identity?: IdentityServerOptions;
}

export interface FlowCall {
  readonly headers?: OutgoingHttpHeaders;
  /** JSON text, or what becomes one. */
  readonly body?: unknown;
}

const SESSION_URLS = urlsOf(SESSION_ACTIONS);
const PLAIN_SESSION_URLS = {
  ...SESSION_URLS,
  ...{ extend: '/extend/{originKey}', expire: '/expire/{originKey}/{sessionId}' },
};
const PROVIDER_URLS = urlsOf(PROVIDER_ACTIONS);
/** What a variant says nothing else of. */
const USER_TOKEN: Members = {
  ...{ tokenName: 'user_token', apiKeyName: 'X-Api-Key', verifiable: true },
  ...{ expiration: 600, gracePeriod: 60, longExpiration: 6000 },
  signingSecret: `base64:${SECRET.toString('base64')}`,
  claims: [
    { name: 'user_id', class: 'string', source: 'user.id', element: 'user.id', special: 'ORIGIN_ID' },
    { name: 'roles', class: 'string[]', source: 'user.roles', element: 'user.roles', special: 'ROLES' },
    { name: 'type', value: 'user', special: 'ORIGIN_TYPE' },
    { name: 'session', class: 'java.lang.String', special: 'SESSION_ID' },
    { name: 'email', source: 'access.email', metaElement: 'email' },
  ],
};
const GUEST_TOKEN: Members = {
  ...{ tokenName: 'guest_token', expiration: 86_400, canIgnore: true },
  signingSecret: aSecret(),
  claims: [
    { name: 'guest_id', special: 'ORIGIN_ID' },
    { name: 'type', value: 'guest', special: 'ORIGIN_TYPE' },
    { name: 'session', special: 'SESSION_ID' },
  ],
};
const PATHS = {
  open: { isPublic: true },
  clerks: { methods: { '*': { roles: ['clerk'] } } },
  admins: { methods: { '*': { roles: ['admin'] } } },
};

export function sessionOver(way: Way, more: Members = {}): Members {
  return { channel: `session_${way}`, urls: way === 'rpc' ? SESSION_URLS : PLAIN_SESSION_URLS, ...more };
}

/** @param urls over those that the example's server has */
export function providerOver(channel: string, more: Members = {}, urls: Members = {}): Members {
  return { channel, timeout: 5000, urls: without({ ...PROVIDER_URLS, ...urls }), ...more };
}

interface Servers {
  readonly server: IdentityServer;
  readonly backend: TestBackend;
  readonly scripted: TestBackend;
}

interface Gateways {
  readonly first: TestGateway;
  readonly start: () => Promise<TestGateway>;
  readonly anyChannel: string;
}

/** The example's identity server, a runner, a provider that answers as a test says, and the gateway between them and the clients. */
export class IdentityWorld {
  /** What the saga of a flow answers; null: there is none. By path such as `/login`. */
  saga: (path: string, event: Members) => Members | null = () => null;

  readonly server: IdentityServer;
  readonly backend: TestBackend;
  /** The provider `scripted_rpc` and `scripted_http`. */
  readonly scripted: TestBackend;
  gateway: TestGateway;
  private readonly startGateway: () => Promise<TestGateway>;
  private readonly anyChannel: string;

  private constructor(
    { server, backend, scripted }: Servers,
    gateway: Gateways,
    /** What the identity server was asked. */
    readonly calls: SeenCall[],
  ) {
    this.server = server;
    this.backend = backend;
    this.scripted = scripted;
    this.gateway = gateway.first;
    this.startGateway = gateway.start;
    this.anyChannel = gateway.anyChannel;
  }

  static async start(setup: WorldSetup = {}): Promise<IdentityWorld> {
    const calls: SeenCall[] = [];
    const onCall = (seen: SeenCall): void => void calls.push(seen);
    const [server, backend, scripted] = await Promise.all([
      IdentityServer.start({ port: 0, ...setup.identity, onCall }),
      TestBackend.start((request, response) => world.answer(request, response)),
      TestBackend.start(),
    ]);
    const servers: Servers = { server, backend, scripted };
    const components = { 'all.json': componentsOf(setup, servers) };
    const start = () => TestGateway.start({ components, settings: setup.settings ?? {} });
    const [name] = Object.keys(setup.variants ?? MAIN);
    const gateway = { first: await start(), start, anyChannel: `${name}_rpc` };
    const world: IdentityWorld = new IdentityWorld(servers, gateway, calls);
    await world.openDatabase();
    return world;
  }

  /** Stops the gateway, does something, and starts it again; what it keeps stays only in a data.folder of the test's own. */
  async restart(between: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.gateway.stop();
    await between();
    this.gateway = await this.startGateway();
    await this.openDatabase();
  }

  async close(): Promise<void> {
    await this.gateway.stop();
    await Promise.all([this.server.close(), this.backend.close(), this.scripted.close()]);
  }

  /** Forgets what was asked, and mends every fault. */
  reset(): void {
    this.calls.length = 0;
    this.backend.seen.length = 0;
    this.scripted.seen.length = 0;
    this.scripted.handler = echoEvent;
    this.saga = () => null;
    for (const action of FAULTY) this.server.setFault(action, null);
  }

  /** @param at such as `login/main_rpc?thru=true` */
  flow(at: string, { headers = {}, body }: FlowCall = {}): Promise<CallAnswer> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    return call(this.gateway.port, `/api/auth/${at}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
  }

  /** By Basic credentials. @param at such as `main_rpc?remember=true` */
  login(at: string, user = 'ada', headers: OutgoingHttpHeaders = {}): Promise<CallAnswer> {
    return this.flow(`login/${at}`, { headers: { ...basic(user, PASSWORDS[user]!), ...headers } });
  }

  async tokens(at: string, user = 'ada', headers: OutgoingHttpHeaders = {}): Promise<Tokens> {
    const answer = await this.login(at, user, headers);
    if (answer.status !== 200) throw new Error(`The login failed: ${answer.status} ${answer.text}`);
    return tokensOf(answer);
  }

  get(at: string, headers: OutgoingHttpHeaders = {}): Promise<CallAnswer> {
    return call(this.gateway.port, `/api/request/${at}`, { headers });
  }

  /** What the identity server was asked to do. */
  asked(action: string): SeenCall[] {
    return this.calls.filter((each) => each.action === action);
  }

  /** The first who needs it opens the embedded database, which takes seconds that are no test's. */
  private async openDatabase(): Promise<void> {
    await this.flow(`refresh/${this.anyChannel}`, { body: { refresh_token: 'sluice-first' } });
  }

  private answer(request: SeenRequest, response: Parameters<TestBackend['handler']>[1]): void {
    const path = request.url.slice('/api'.length).split('?', 1)[0]!;
    if (!/^\/(?:login|register|refresh|logout|delete)(?:\/|$)/.test(path)) return echoEvent(request, response);
    const event = JSON.parse(request.body) as Members;
    const said = this.saga(path, event);
    const none = { error: { code: 3, message: 'no active saga for path' } };
    return sendJson(response, JSON.stringify({ ...event, ...(said ?? { result: none }) }));
  }
}

/** The world of all tests of a file: begun before the first of them, mended before each, closed after the last. */
export function worldOfTests(setup: WorldSetup = {}): IdentityWorld {
  let world: IdentityWorld | null = null;
  beforeAll(async () => void (world = await IdentityWorld.start(setup)), 60_000);
  afterAll(() => world?.close(), 60_000);
  beforeEach(() => world?.reset());
  return new Proxy({} as IdentityWorld, {
    get: (_, name) => Reflect.get(world!, name) as unknown,
    set: (_, name, value) => Reflect.set(world!, name, value),
  });
}

const MAIN: NonNullable<WorldSetup['variants']> = { main: {} };
const FAULTY = [...PROVIDER_ACTIONS, ...SESSION_ACTIONS];
export const PASSWORDS: Readonly<Record<string, string>> = { ada: 'lovelace', bob: 'builder', grace: 'hopper' };

function componentsOf(
  setup: WorldSetup,
  from: { server: IdentityServer; backend: TestBackend; scripted: TestBackend },
) {
  const { variants = MAIN, guest = {}, channels = () => [] } = setup;
  const { server, backend, scripted } = from;
  const closed = { paths: {} };
  const tokens: Members[] = [];
  const made: Members[] = [
    aChannel('auth_rpc', server.baseUrl, { ...closed, target: '/auth/user' }),
    aChannel('auth_http', server.baseUrl, { ...closed, executor: 'crud', target: '/http/auth/user' }),
    aChannel('session_rpc', server.baseUrl, { ...closed, target: '/session/user' }),
    aChannel('session_http', server.baseUrl, { ...closed, executor: 'crud', target: '/http/session/user' }),
    aChannel('scripted_rpc', scripted.url, { ...closed, target: '/auth' }),
    aChannel('scripted_http', scripted.url, { ...closed, executor: 'crud', target: '/auth' }),
    ...channels({ backend }),
  ];
  for (const way of WAYS) {
    tokens.push(without({ ...GUEST_TOKEN, session: sessionOver(way), ...guest, id: `guest_${way}` }));
    for (const [name, { token = () => ({}), channel = {} }] of Object.entries(variants)) {
      const id = `${name}_${way}`;
      const own = { provider: providerOver(`auth_${way}`), session: sessionOver(way) };
      tokens.push(without({ ...USER_TOKEN, ...own, ...token(way), id }));
      made.push(aChannel(id, backend.url, { paths: PATHS, authToken: id, ...guestOf(channel, way) }));
    }
  }
  return { tokens, channels: made };
}

/** `anonymousToken: true` becomes the guest of that way. */
function guestOf(channel: ChannelSetup, way: Way): ChannelSetup {
  return channel.anonymousToken === true ? { ...channel, anonymousToken: `guest_${way}` } : channel;
}

function without(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}
