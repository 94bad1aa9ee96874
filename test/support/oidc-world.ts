import { randomBytes } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { sendJson, TestBackend } from './backend.js';
import { call, post, type CallAnswer } from './call.js';
import { aChannel } from './channels.js';
import { CLIENT, FakeProvider } from './fake-provider.js';
import { basic, bearer } from './flow-answers.js';
import { TestGateway } from './gateway.js';

type Members = Readonly<Record<string, unknown>>;

const CLAIMS = [
  { name: 'sub', source: 'user.id', special: 'ORIGIN_ID', element: 'user.id' },
  { name: 'roles', class: 'string[]', source: 'user.roles', special: 'ROLES' },
  { name: 'type', value: 'user', special: 'ORIGIN_TYPE' },
  { name: 'session', special: 'SESSION_ID' },
];
const PATHS = {
  '/any': {},
  '/open': { isPublic: true },
  '/clerks': { methods: { '*': { roles: ['clerk'] } } },
  '/verified': { verifyAccessToken: true },
};
const GUEST = [
  { name: 'guest_id', special: 'ORIGIN_ID' },
  { name: 'type', value: 'guest', special: 'ORIGIN_TYPE' },
  { name: 'session', special: 'SESSION_ID' },
];
/** Where browsers are sent back to. */
export const APP = 'https://app.example.org/done';
export const OTHER = 'https://app.example.org/other?tab=1';
export const PUBLIC_URL = 'https://gw.example.org/edge';

export interface OidcWorldSetup {
  /** Channels and token records beside `shop`, by id: over what its provider says. */
  readonly providers?: Readonly<Record<string, Members>>;
  /** Over what all token records say. */
  readonly token?: Members;
  readonly channel?: Members;
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
}

/** A gateway between clients and a strict fake provider, with a backend that echoes and keeps sessions. */
export class OidcWorld {
  /** What the login saga of the channel answers; null: there is none. */
  saga: Members | null = null;

  private constructor(
    readonly provider: FakeProvider,
    readonly gateway: TestGateway,
    readonly backend: TestBackend,
  ) {}

  static async start(setup: OidcWorldSetup = {}): Promise<OidcWorld> {
    const provider = await FakeProvider.start();
    const backend = await TestBackend.start((request, response) => {
      const event = JSON.parse(request.body) as Members;
      if (request.url.startsWith('/session')) {
        const payload = { session: { id: `s-${request.url.slice('/session/'.length)}`, expire: Date.now() + 60_000 } };
        return sendJson(response, JSON.stringify({ ...event, payload }));
      }
      if (!/^\/api\/(?:login|refresh|logout)$/.test(request.url)) return sendJson(response, request.body);
      const none = { result: { error: { code: 3, message: 'no active saga for path' } } };
      sendJson(response, JSON.stringify({ ...event, ...(world.saga ?? none) }));
    });
    const base = { type: 'oidc', issuer: provider.issuer.issuer, ...CLIENT, timeout: 4000, redirectUris: [APP, OTHER] };
    const session = { channel: 'sessions', urls: { touch: '/touch', stitch: '/stitch', expire: '/expire' } };
    const providers: Readonly<Record<string, Members>> = { shop: {}, ...setup.providers };
    const components = {
      'all.json': {
        tokens: [
          ...Object.entries(providers).map(([id, over]) => ({
            ...{ id, tokenName: 'user_token', verifiable: true, signingSecret: aSecret(), claims: CLAIMS, session },
            ...{ provider: without({ ...base, ...over }), ...setup.token },
          })),
          { id: 'guest', tokenName: 'guest_token', signingSecret: aSecret(), claims: GUEST, session },
        ],
        channels: [
          aChannel('sessions', backend.url, { target: '/session', paths: {} }),
          ...Object.keys(providers).map((id) =>
            aChannel(id, backend.url, { authToken: id, anonymousToken: 'guest', paths: PATHS, ...setup.channel }),
          ),
        ],
      },
    };
    const settings = { 'server.publicUrl': PUBLIC_URL, 'throttle.auth.limit': 100_000, ...setup.settings };
    const world: OidcWorld = new OidcWorld(provider, await TestGateway.start({ components, settings }), backend);
    // The first who needs the embedded database opens it, which takes seconds that are no test's.
    await world.flow('refresh/shop', { refresh_token: 'sluice-first' });
    return world;
  }

  reset(): void {
    this.saga = null;
    this.backend.seen.length = 0;
    this.provider.reset();
  }

  /** @param at such as `logout/shop?thru=true` */
  flow(at: string, body: unknown = {}, headers: OutgoingHttpHeaders = {}): Promise<CallAnswer> {
    return post(this.gateway.port, `/api/auth/${at}`, JSON.stringify(body), headers);
  }

  login(at = 'shop', password = 'lovelace'): Promise<CallAnswer> {
    return this.flow(`login/${at}`, {}, basic('ada', password));
  }

  get(path: string, headers: OutgoingHttpHeaders = {}): Promise<CallAnswer> {
    return call(this.gateway.port, path, { headers });
  }

  ask(path: string, token: string, channel = 'shop'): Promise<CallAnswer> {
    return this.get(`/api/request/${channel}/${path}`, bearer(token));
  }

  /** Whether the log comes to hold that; it is flushed several times a second. */
  logs(text: string): Promise<void> {
    return this.gateway.until(() => this.gateway.output.includes(text));
  }

  async close(): Promise<void> {
    await this.gateway.stop();
    await Promise.all([this.provider.issuer.stop(), this.backend.close()]);
  }
}

const aSecret = (): string => `base64:${randomBytes(64).toString('base64')}`;

/** A member that is null is left out. */
function without(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}
