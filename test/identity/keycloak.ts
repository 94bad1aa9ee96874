import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '../support/services.js';

/** That of the run, where `npm run test:real` made one: the Keycloak is then started once for all files. */
const FOLDER = process.env['SLUICE_SERVICES'] ?? join(tmpdir(), `sluice-keycloak-${process.pid}`);
/** Of test/identity/keycloak-realm.json. */
export const CLIENT = { clientId: 'gateway', clientSecret: 'gateway-secret' };

/** The real Keycloak of scripts/services, with the realm `demo`. */
export class Keycloak {
  private constructor(readonly url: string) {}

  /** Starts it where it does not run. */
  static start(): Keycloak {
    const url = /^KEYCLOAK_URL=(.*)$/m.exec(services(FOLDER, 'start', 'keycloak'))?.[1];
    if (url === undefined) throw new Error('scripts/services did not say where Keycloak is.');
    return new Keycloak(url);
  }

  get issuer(): string {
    return `${this.url}/realms/demo`;
  }

  /** As if its machine had lost its power. */
  kill(): void {
    process.kill(-Number(readFileSync(join(FOLDER, 'keycloak', 'pid'), 'utf8')), 'SIGKILL');
  }

  /** A call of the realm's admin API, by the administrator of the server. */
  async admin(method: string, path: string, body?: unknown): Promise<Response> {
    const form = { grant_type: 'password', client_id: 'admin-cli', username: 'admin', password: 'admin' };
    const { access_token } = await this.form('realms/master/protocol/openid-connect/token', form);
    const answer = await fetch(`${this.url}/admin/realms/demo/${path}`, {
      method,
      headers: { authorization: `Bearer ${String(access_token)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`Keycloak answers ${answer.status} to ${method} ${path}: ${await answer.text()}`);
    return answer;
  }

  /** Tokens that a client gets without the gateway. */
  tokens(clientId: string, secret: string, more: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
    const form = { client_id: clientId, client_secret: secret, scope: 'openid', ...more };
    return this.form('realms/demo/protocol/openid-connect/token', form);
  }

  async userNamed(username: string): Promise<Record<string, unknown> | undefined> {
    const found = (await (await this.admin('GET', `users?exact=true&username=${username}`)).json()) as unknown[];
    return found[0] as Record<string, unknown> | undefined;
  }

  /** Sessions of a user, at whatever client. */
  async sessionsOf(username: string): Promise<number> {
    const user = await this.userNamed(username);
    return ((await (await this.admin('GET', `users/${String(user!['id'])}/sessions`)).json()) as unknown[]).length;
  }

  private async form(path: string, form: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
    const body = new URLSearchParams(form);
    return (await (await fetch(`${this.url}/${path}`, { method: 'POST', body })).json()) as Record<string, unknown>;
  }
}
