import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { call } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';

const file = (name: string): string => join(import.meta.dirname, '../support/certificates', name);
const pem = (name: string): string => readFileSync(file(name), 'utf8');
let server: Server;
let gateway: TestGateway;
const names: string[] = [];

beforeAll(async () => {
  server = createServer({ cert: pem('server.pem'), key: pem('server.key') }, (request, response) =>
    response.end(`{"host":"${request.headers.host}"}`),
  );
  server.on('connection', (socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const channel = (id: string, baseUrl: string, parameters: Record<string, string | boolean> = {}) => {
    names.push(id);
    return aChannel(id, baseUrl, { parameters });
  };
  const trusting = { 'server.trust': pem('authority.pem') };
  const instances = { 'server.instances': `127.0.0.1:${port}` };
  gateway = await TestGateway.start({
    components: withChannels(
      channel('text', `https://localhost:${port}`, trusting),
      channel('file', `https://127.0.0.1:${port}`, { 'server.trust': file('authority.pem') }),
      channel('secure', `http://localhost:${port}`, { ...trusting, 'server.secure': true }),
      channel('unknown', `https://localhost:${port}`),
      channel('other', `https://localhost:${port}`, { 'server.trust': pem('other-authority.pem') }),
      channel('all', `https://localhost:${port}`, { 'server.trustAll': true }),
      channel('service', 'https://orders', { ...trusting, ...instances }),
      channel('stranger', 'https://invoices', { ...trusting, ...instances }),
      channel('missing', `https://localhost:${port}`, { 'server.trust': '/nowhere/ca.pem' }),
      channel('nothing', `https://localhost:${port}`, { 'server.trust': file('server.key') }),
    ),
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  server.closeAllConnections();
  server.close();
}, 60_000);

const status = async (channel: string): Promise<number> =>
  (await call(gateway.port, `/api/request/${channel}/x`)).status;
const findingsOf = async (channel: string) => (await gateway.health()).faults.filter(({ id }) => id === channel);

describe('the certificate of a backend', () => {
  it.each(['text', 'file', 'secure'])('is good by an authority that server.trust names (%s)', async (channel) => {
    expect(await status(channel)).toBe(200);
  });
  it.each(['unknown', 'other'])('is 502 by one that nobody named (%s)', async (channel) => {
    expect(await status(channel)).toBe(502);
  });
  it('is not looked at with server.trustAll, which is a warning', async () => {
    expect(await status('all')).toBe(200);
    expect(await findingsOf('all')).toMatchObject([{ pointer: '/parameters/server.trustAll', severity: 'warning' }]);
  });
  it('must name the service, where calls go to its instances', async () => {
    expect([await status('service'), await status('stranger')]).toEqual([200, 502]);
  });
  it.each([
    ['missing', /neither PEM text nor a file that can be read \(ENOENT\)/],
    ['nothing', /holds no certificate/],
  ])('cannot be checked by what is no certificate (%s)', async (channel, message) => {
    expect(await status(channel)).toBe(500);
    expect(await findingsOf(channel)).toMatchObject([
      { pointer: '/parameters/server.trust', message: expect.stringMatching(message) },
    ]);
  });
});
