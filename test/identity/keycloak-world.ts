import type { OutgoingHttpHeaders } from 'node:http';
import { TestBackend } from '../support/backend.js';
import { call, post, type CallAnswer } from '../support/call.js';
import { aChannel } from '../support/channels.js';
import { basic, bearer } from '../support/flow-answers.js';
import { TestGateway } from '../support/gateway.js';
import { aSecret } from '../support/identity-records.js';
import { CLIENT, Keycloak } from './keycloak.js';

type Members = Readonly<Record<string, unknown>>;

const CLAIMS = [
  { name: 'sub', source: 'user.id', special: 'ORIGIN_ID', element: 'user.id' },
  { name: 'roles', class: 'string[]', source: 'user.roles', special: 'ROLES' },
  { name: 'type', value: 'user', special: 'ORIGIN_TYPE' },
  { name: 'email', source: 'access.email', metaElement: 'email' },
];
const PATHS = {
  ...Object.fromEntries(
    ['/login', '/register', '/refresh', '/logout', '/delete'].map((path) => [path, { isDisabled: true }]),
  ),
  '/any': {},
  '/clerks': { methods: { '*': { roles: ['clerk'] } } },
  '/verified': { verifyAccessToken: true },
};

export interface KeycloakWorldSetup {
  /** Over what the provider of the token record says. */
  readonly provider?: Members;
  /** Over what the token record says. */
  readonly token?: Members;
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** Gateways with the same records. */
  readonly replicas?: number;
}

/** Gateways whose channel `shop` has a Keycloak as its provider, and a backend that echoes. */
export class KeycloakWorld {
  private constructor(
    readonly keycloak: Keycloak,
    readonly gateways: readonly TestGateway[],
    readonly backend: TestBackend,
  ) {}

  static async start(setup: KeycloakWorldSetup = {}, keycloak = Keycloak.start()): Promise<KeycloakWorld> {
    const backend = await TestBackend.start();
    const provider = { type: 'oidc', issuer: keycloak.issuer, ...CLIENT, timeout: 10_000, ...setup.provider };
    const token = { id: 'shop', tokenName: 'user_token', verifiable: true, signingSecret: aSecret(), claims: CLAIMS };
    const components = {
      'all.json': {
        tokens: [{ ...token, provider, ...setup.token }],
        channels: [aChannel('shop', backend.url, { authToken: 'shop', paths: PATHS })],
      },
    };
    const gateways: TestGateway[] = [];
    for (let index = 0; index < (setup.replicas ?? 1); index++)
      gateways.push(
        await TestGateway.start({ components, settings: { 'throttle.auth.limit': 100_000, ...setup.settings } }),
      );
    return new KeycloakWorld(keycloak, gateways, backend);
  }

  get gateway(): TestGateway {
    return this.gateways[0]!;
  }

  /** @param at such as `logout/shop?thru=true` */
  flow(at: string, body: unknown = {}, headers: OutgoingHttpHeaders = {}): Promise<CallAnswer> {
    return post(this.gateway.port, `/api/auth/${at}`, JSON.stringify(body), headers);
  }

  login(username: string, password: string): Promise<CallAnswer> {
    return this.flow('login/shop', {}, basic(username, password));
  }

  get(path: string, token: string, gateway = this.gateway): Promise<CallAnswer> {
    return call(gateway.port, `/api/request/shop/${path}`, { headers: token === '' ? {} : bearer(token) });
  }

  /** requestMeta and payload of the last call that reached the backend. */
  lastEvent(): ReturnType<TestBackend['lastEvent']> {
    return this.backend.lastEvent();
  }

  async close(): Promise<void> {
    await Promise.all(this.gateways.map((gateway) => gateway.stop()));
    await this.backend.close();
  }
}
