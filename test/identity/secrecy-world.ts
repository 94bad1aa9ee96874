import { expect } from '@jest/globals';
import { SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { join } from 'node:path';
import { IdentityServer } from '../../examples/identity-over-rpc/identity-server.js';
import { TestBackend } from '../support/backend.js';
import { call, post, type CallAnswer } from '../support/call.js';
import { TestGateway } from '../support/gateway.js';
import * as kit from '../support/identity-records.js';
import { KeptSecrets } from './kept-secrets.js';
import { talkative } from './talkative-backend.js';

const GUEST = {
  ...{ provider: undefined, session: undefined, verifiable: false, canIgnore: true },
  ...{ tokenName: 'guest_token', claims: [{ name: 'sub', special: 'ORIGIN_ID' }] },
};
const LOGIN_ONLY = { login: '/login', refresh: '/refresh' };
const DETAILED = Object.fromEntries(
  Object.entries(kit.PATHS).map(([path, rule]) => [path, { ...rule, logDetailAsInfo: true }]),
);

/** Whoever sends a cookie is told its token against forged requests; it is nothing without the cookie. */
const isNoCsrfToken = (_: string, index: number, headers: readonly string[]): boolean =>
  !/^X-CSRF-TOKEN$/i.test(headers[index - 1] ?? '') && !headers[index]!.startsWith('XSRF-TOKEN=');

/** A gateway that logs as much as it can, everybody around it, and every secret that they use. */
export class SecrecyWorld {
  readonly secrets = new KeptSecrets();
  readonly password = this.secret('password');
  readonly otp = this.secret('one-time-code');
  readonly gracesPassword = this.secret('graces-password');
  readonly apiKey = this.secret('api-key');
  /** As text in base64. */
  readonly signingSecret = this.secrets.keep('signing secret', kit.aSecret().slice('base64:'.length));
  identity!: IdentityServer;
  gateway!: TestGateway;
  private backend!: TestBackend;
  /** What clients were told when something was refused or failed. */
  private errors = '';

  async start(): Promise<void> {
    this.identity = await IdentityServer.start({
      users: [
        { username: 'ada', password: this.password, roles: ['admin'], apiKeys: [this.apiKey] },
        { username: 'grace', password: this.gracesPassword, otp: this.otp },
      ],
      // Everything that passes between the two: the provider's tokens are there even where a client gets none.
      onCall: ({ body, isPlain }) => {
        const event = JSON.parse(body || '{}') as { requestMeta?: { auth?: object }; auth?: object };
        this.secrets.keepAllOf(isPlain ? event.auth : event.requestMeta?.auth);
      },
    });
    this.backend = await TestBackend.start(talkative);
    this.gateway = await TestGateway.start({
      components: kit.asFile(this.records(this.identity.baseUrl, this.backend.url)),
      settings: {
        ...{ 'log.level': 'trace', 'log.requests': 'all', 'throttle.auth.limit': 100_000 },
        ...{ 'security.csrf.enabled': true, 'security.csrf.cookie': true },
      },
    });
  }

  async close(): Promise<void> {
    await this.gateway.stop();
    await this.identity.close();
    await this.backend.close();
  }

  get dataFolder(): string {
    return join(this.gateway.home, 'data');
  }

  secret(name: string): string {
    return this.secrets.keep(name, `${name}-${randomBytes(9).toString('base64url')}`);
  }

  basic(user: string, password: string): Record<string, string> {
    const text = Buffer.from(`${user}:${password}`).toString('base64');
    return { authorization: `Basic ${this.secrets.keep('Basic', text)}` };
  }

  async flow(path: string, body: unknown, headers: Record<string, string> = {}): Promise<CallAnswer> {
    return this.taken(await kit.flow(this.gateway.port, path, body, headers));
  }

  async ask(path: string, headers: Record<string, string>, body?: string): Promise<CallAnswer> {
    const at = `/api/request/${path}`;
    if (body === undefined) return this.taken(await call(this.gateway.port, at, { headers }));
    return this.taken(await post(this.gateway.port, at, body, headers));
  }

  async loginOfAda(): Promise<kit.LoggedIn> {
    const answer = await this.flow('login/shop', {}, this.basic('ada', this.password));
    expect(answer.status).toBe(200);
    return answer.json<kit.LoggedIn>();
  }

  /** A token that was not issued. @param expires as jose takes it: `1h`, `-1h` */
  async made(expires: string, key: Uint8Array = Buffer.from(this.signingSecret, 'base64')): Promise<string> {
    const token = await new SignJWT({ sub: 'ada', roles: ['admin'], type: 'user' })
      .setProtectedHeader({ alg: 'HS512' })
      .setIssuedAt('-500d')
      .setExpirationTime(expires)
      .sign(key);
    return this.secrets.keep('made token', token);
  }

  /** Remembers what the answer holds: as secrets what was given out, and as told what refusals say. */
  taken(answer: CallAnswer): CallAnswer {
    const { headers, rawHeaders, status, text } = answer;
    if (status >= 400) this.errors += `${text}\n${JSON.stringify(rawHeaders.filter(isNoCsrfToken))}\n`;
    else if (text.startsWith('{')) this.secrets.keepAllOf(answer.json());
    this.secrets.keepAllOf(headers);
    for (const cookie of headers['set-cookie'] ?? []) {
      const value = /^[^=]+=([^;]*)/.exec(cookie)![1]!;
      if (value !== '') this.secrets.keep('cookie', value);
    }
    return answer;
  }

  /** After the line of a request that came after all else. */
  async output(): Promise<string> {
    const marker = `marker-${randomBytes(6).toString('hex')}`;
    await call(this.gateway.port, `/api/request/shop/${marker}`);
    await this.gateway.until(() => this.gateway.output.includes(marker));
    return this.gateway.output;
  }

  /** Nothing secret stands in the log, in metrics, in health, in what is shown of components, in what clients were refused with. */
  async expectNothingTold(): Promise<void> {
    const places = [await this.output()];
    for (const page of ['/metrics', '/health', '/health/ready'])
      places.push((await call(this.gateway.port, page)).text);
    for (const component of ['token', 'channel', 'system']) places.push(await this.shown(component));
    expect(places.map((place) => place.length > 0 && this.secrets.foundIn(place))).toEqual(places.map(() => []));
    expect(this.secrets.foundIn(this.errors)).toEqual([]);
  }

  /** As `sluice show`. */
  private shown(component: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socketPath = join(this.dataFolder, 'control.sock');
      const sent = request({ socketPath, path: `/show?component=${component}`, agent: false }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve(text));
      });
      sent.on('error', reject).end();
    });
  }

  private records(identityUrl: string, backendUrl: string) {
    const signingSecret = `base64:${this.signingSecret}`;
    const token = { signingSecret, gracePeriod: 86_400, cookie: { secure: false } };
    return [
      ...kit.identityRecords({
        ...{ identityUrl, backendUrl, token, channel: { paths: DETAILED, anonymousToken: 'guest' } },
      }),
      kit.aUserToken('guest', GUEST),
      ...['plain', 'talkative'].flatMap((id) => [
        kit.aUserToken(id, { provider: { channel: `auth_${id}`, urls: LOGIN_ONLY } }),
        kit.aChannelRecord(id, backendUrl, { authToken: id, paths: DETAILED }),
      ]),
      kit.aChannelRecord('auth_plain', identityUrl, { executor: 'crud', target: '/http/auth/user' }),
      kit.aChannelRecord('auth_talkative', backendUrl, { target: '/talkative' }),
      kit.aChannelRecord('saga', backendUrl, {
        ...{ authToken: 'shop', target: '/saga', paths: { '*': { logDetailAsInfo: true } } },
      }),
    ];
  }
}
