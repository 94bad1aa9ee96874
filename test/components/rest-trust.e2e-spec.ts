import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ComponentStore } from '../../src/components/component-store.js';
import { StandingFindings } from '../../src/components/finding-board.js';
import { RestLoader } from '../../src/components/rest-loader.js';
import { restLoaderOptionsOf } from '../../src/components/rest/rest-loader-options.js';
import { readSettings } from '../../src/settings/read-settings.js';
import { aSystem, json } from './rest-source.js';

const file = (name: string): string => join(import.meta.dirname, '../support/certificates', name);
const pem = (name: string): string => readFileSync(file(name), 'utf8');
let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer({ cert: pem('server.pem'), key: pem('server.key') }, (request, response) =>
    json(response, request.url!.includes('system') ? [aSystem('a')] : []),
  );
  server.on('tlsClientError', () => undefined);
  server.listen(0);
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** What a load with these settings leaves: the ids in force, or what is told. */
async function loaded(
  settings: Readonly<Record<string, string>>,
  baseUrl = `https://localhost:${port}`,
): Promise<string> {
  const given = Object.entries({ 'config.loader.baseUrl': baseUrl, ...settings });
  const argv = given.flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const { settings: read } = readSettings({ argv, env: {}, cwd: import.meta.dirname });
  const board = new StandingFindings();
  const store = new ComponentStore({ board, log: () => undefined });
  const loader = new RestLoader(
    store,
    restLoaderOptionsOf(read, () => undefined),
  );
  await loader.refresh();
  await loader.stop();
  const ids = [...(store.current()?.records.system.keys() ?? [])].join(' ');
  return ids === ''
    ? board
        .standing()
        .map(({ message }) => message)
        .join('\n')
    : ids;
}

describe('a REST source over TLS', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['whose authority is named as text', { 'config.loader.trust': pem('authority.pem') }],
    ['whose authority stands in a file', { 'config.loader.trust': file('authority.pem') }],
    ['that need not show who it is', { 'config.loader.trustAll': 'true' }],
  ])('%s is read', async (_, settings) => {
    expect(await loaded(settings)).toBe('a');
  });
  it('is read by its address where its certificate names that, and where the URL says http but settings say secure', async () => {
    const settings = { 'config.loader.trust': file('authority.pem') };
    expect(await loaded(settings, `https://127.0.0.1:${port}`)).toBe('a');
    expect(await loaded({ ...settings, 'config.loader.secure': 'true' }, `http://localhost:${port}`)).toBe('a');
  });
  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      'of an authority that nobody named',
      {},
      /not trusted \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\); name its authority in config\.loader\.trust/,
    ],
    ['of another authority', { 'config.loader.trust': pem('other-authority.pem') }, /not trusted/],
    [
      'with a file that is not there',
      { 'config.loader.trust': '/nowhere/ca.pem' },
      /file of config\.loader\.trust cannot be read \(ENOENT\)/,
    ],
    ['with a file that holds no certificate', { 'config.loader.trust': file('make.sh') }, /not trusted|cannot be/],
  ])('%s is not read, and told why', async (_, settings, why) => {
    expect(await loaded(settings)).toMatch(why);
  });
  it('with a certificate of another name is not read, unless that does not matter', async () => {
    const [trust, url] = [{ 'config.loader.trust': pem('authority.pem') }, `https://127.0.0.2:${port}`];
    expect(await loaded(trust, url)).toMatch(/shows a certificate for another host name/);
    expect(await loaded({ 'config.loader.trustAll': 'true' }, url)).toBe('a');
  });
});
