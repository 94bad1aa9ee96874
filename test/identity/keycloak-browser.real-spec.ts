import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import { aPostgresPlace } from '../storage/database-place.js';
import { call } from '../support/call.js';
import { TestBrowser } from './browser.js';
import { Front } from './front.js';
import { KeycloakWorld } from './keycloak-world.js';

jest.setTimeout(300_000);

let front: Front;
let place: Awaited<ReturnType<typeof aPostgresPlace>>;
let world: KeycloakWorld;
let browser: TestBrowser;
let page: Page;
beforeAll(async () => {
  front = await Front.start();
  place = await aPostgresPlace();
  const redirectUris = [`${front.url}/app`, `${front.url}/other?x=1`];
  world = await KeycloakWorld.start({
    ...{ replicas: 2, provider: { redirectUris } },
    settings: {
      ...{ 'database.url': place.url, 'server.publicUrl': `${front.url}/` },
      ...{ 'security.csrf.enabled': true, 'security.csrf.cookie': true },
    },
  });
});
afterAll(async () => {
  await world.close();
  await front.close();
  await place.remove();
});
beforeEach(async () => {
  const [first, second] = world.gateways;
  // Each login begins at one replica and is finished at the other.
  front.portFor = (path) => (path.startsWith('/api/auth/callback/') ? second! : first!).port;
  front.seen.length = 0;
  browser = await TestBrowser.start();
  page = await browser.context.newPage();
});
afterEach(() => browser.close());

const authorize = (query = ''): string => `${front.url}/api/auth/authorize/shop${query}`;
async function logIn(query = '', at = page): Promise<void> {
  await at.goto(authorize(query));
  await at.fill('#username', 'alice');
  await at.fill('#password', 'wonder');
  await at.click('#kc-login');
  await at.waitForURL(`${front.url}/**`);
}
const cookies = async (): Promise<Record<string, { value: string; httpOnly: boolean; secure: boolean }>> =>
  Object.fromEntries((await browser.context.cookies()).map((cookie) => [cookie.name, cookie]));
/** A call of the page's own script. */
const asked = (path: string, init: object = {}): Promise<{ status: number; text: string }> =>
  page.evaluate(
    async ([target, options]) => {
      const answer = await fetch(target, options);
      return { status: answer.status, text: await answer.text() };
    },
    [path, init] as const,
  );
const callbackTarget = (): string | undefined => front.seen.find((target) => target.startsWith('/api/auth/callback/'));

describe('a login in a browser', () => {
  it('ends at the page of the application, with the tokens in cookies that no script reads', async () => {
    await logIn();
    expect(page.url()).toBe(`${front.url}/app`);
    const found = await cookies();
    expect(found['Rierino-Auth.user_token']).toMatchObject({ httpOnly: true, secure: true });
    expect(Object.keys(found).filter((name) => name.startsWith('sluice-login.'))).toEqual([]);
    expect(await page.evaluate('document.cookie')).not.toContain('user_token');
    expect((await asked('/api/request/shop/clerks')).status).toBe(200);
    expect(world.lastEvent().requestMeta).toMatchObject({ claims: { email: 'alice@example.org' } });
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    expect((await asked('/api/request/shop/clerks', post)).status).toBe(403);
    const headers = { ...post.headers, 'x-xsrf-token': found['XSRF-TOKEN']!.value };
    expect((await asked('/api/request/shop/clerks', { ...post, headers })).status).toBe(200);
    expect((await asked('/api/auth/refresh/shop', post)).status).toBe(200);
  });
  it('is over with a logout, and the browser is told where it ends its own at the provider', async () => {
    await logIn();
    const headers = { 'content-type': 'application/json', 'x-xsrf-token': (await cookies())['XSRF-TOKEN']!.value };
    const logout = { method: 'POST', headers, body: '{}' };
    const answer = await asked('/api/auth/logout/shop?thru=true&cookie=true', logout);
    expect(answer.status).toBe(200);
    expect((await asked('/api/request/shop/any')).status).toBe(401);
    await page.goto((JSON.parse(answer.text) as { logout_url: string }).logout_url);
    await page.goto(authorize());
    expect(await page.locator('#password').count()).toBe(1);
  });
  it('goes back to the address that was asked for, if it is one of the record', async () => {
    await logIn(`?redirect_uri=${encodeURIComponent(`${front.url}/other?x=1`)}`);
    expect(page.url()).toBe(`${front.url}/other?x=1`);
    for (const other of [`${front.url}/app/`, `${front.url}/app?x`, 'https://evil.example/', '']) {
      const answer = await fetch(authorize(`?redirect_uri=${encodeURIComponent(other)}`), { redirect: 'manual' });
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    }
  });
  it('can be begun in two tabs and finished in both', async () => {
    const other = await browser.context.newPage();
    await page.goto(authorize());
    await logIn('', other);
    await page.fill('#username', 'alice').catch(() => undefined);
    expect(other.url()).toBe(`${front.url}/app`);
    await page.goto(authorize());
    expect(page.url()).toBe(`${front.url}/app`);
  });
  it('that the user refuses ends at the page with an error', async () => {
    const [client] = (await (await world.keycloak.admin('GET', 'clients?clientId=gateway')).json()) as [{ id: string }];
    await world.keycloak.admin('PUT', `clients/${client.id}`, { ...client, consentRequired: true });
    try {
      await page.goto(authorize());
      await page.fill('#username', 'alice');
      await page.fill('#password', 'wonder');
      await page.click('#kc-login');
      await page.click('#kc-cancel');
      await page.waitForURL(`${front.url}/**`);
      expect(page.url()).toBe(`${front.url}/app?error=access_denied`);
      expect(await cookies()).not.toHaveProperty('Rierino-Auth.user_token');
    } finally {
      await world.keycloak.admin('PUT', `clients/${client.id}`, { ...client, consentRequired: false });
    }
  });
});

describe('what comes back from the provider', () => {
  it('counts once, at whatever replica', async () => {
    await page.goto(authorize());
    const begun = (await browser.context.cookies()).filter(({ name }) => name.startsWith('sluice-login.'));
    const cookie = begun.map(({ name, value }) => `${name}=${value}`).join('; ');
    expect(begun).toHaveLength(1);
    expect(begun[0]).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/api/auth', secure: false });
    await page.fill('#username', 'alice');
    await page.fill('#password', 'wonder');
    await page.click('#kc-login');
    await page.waitForURL(`${front.url}/app`);
    const target = callbackTarget()!;
    await page.goto(front.url + target);
    expect(await page.textContent('body')).toContain('begin it anew');
    for (const { port } of world.gateways) {
      const answer = await call(port, target, { headers: { cookie } });
      expect([answer.status, answer.headers['set-cookie']]).toEqual([400, undefined]);
    }
    await world.gateways[0]!.until(() => world.gateways[0]!.output.includes('the login is over already'));
  });
  it('counts only in the browser that began', async () => {
    const [first, second] = world.gateways;
    // The first to come back is stopped on its way.
    front.portFor = (path) => (path.startsWith('/api/auth/callback/') ? null : first!.port);
    await page.goto(authorize());
    await page.fill('#username', 'alice');
    await page.fill('#password', 'wonder');
    await page.click('#kc-login');
    await page.waitForURL(`${front.url}/**`);
    const stolen = callbackTarget()!;
    front.portFor = (path) => (path.startsWith('/api/auth/callback/') ? second! : first!).port;
    const other = await TestBrowser.start();
    try {
      const thief = await other.context.newPage();
      await thief.goto(authorize());
      expect((await thief.goto(front.url + stolen))!.status()).toBe(400);
      const names = (await other.context.cookies()).map(({ name }) => name);
      expect(names.filter((name) => name.startsWith('Rierino-Auth.'))).toEqual([]);
    } finally {
      await other.close();
    }
    // Nothing is lost: who began it finishes it.
    expect((await page.goto(front.url + stolen))!.status()).toBe(200);
    expect(page.url()).toBe(`${front.url}/app`);
  });
});
