import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { cpus } from 'node:os';
import { startGateway } from './gateway.mjs';
import { load } from './load.mjs';
import { cpuSeconds, jsonPort, median, medianRatio, pinSelf, residentMegabytes, start } from './processes.mjs';

/**
 * `npm run bench:protected`: what a token costs: CPU time of the gateway process per request to a public path, and to one that needs one
 * of two roles of an HS512 token, with a session whose extension stands in the buffer; with the token known, with a new token each
 * time, and with a bad one; with those of an external issuer (ES256), and with our own of a record that has one. Variants in turn; medians, and the median of the ratios round by round.
 */
const option = (name, otherwise) => {
  const index = process.argv.indexOf(`--${name}`);
  return index === -1 ? otherwise : process.argv[index + 1];
};
const rounds = Number(option('rounds', 25));
const requests = Number(option('requests', 3000));
const root = new URL('./', import.meta.url).pathname;
const SECRET = 'k'.repeat(64);

pinSelf(1);
const backend = await start([`${root}backend.mjs`], { core: 1, isReady: jsonPort });
const sessions = await start([`${root}../../dist/examples/identity-over-rpc/main.js`, '--port', '0'], {
  core: 1,
  isReady: (text) => {
    const match = /ready on http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
    return match === null ? null : { port: Number(match[1]) };
  },
});
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const issuer = createServer((_, response) =>
  response.end(JSON.stringify({ keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'a', use: 'sig' }] })),
).listen(0, '127.0.0.1');
await once(issuer, 'listening');
const ISSUER = `http://127.0.0.1:${issuer.address().port}`;
const external = { issuer: ISSUER, jwksUri: `${ISSUER}/jwks`, audience: ['api'] };
const session = { channel: 'sessions', urls: { touch: '/touch', extendList: '/extendList' } };
const claims = [
  { name: 'sub', source: 'user.id', special: 'ORIGIN_ID', element: 'user.id' },
  { name: 'type', value: 'user', special: 'ORIGIN_TYPE' },
  { name: 'roles', source: 'user.roles', special: 'ROLES' },
];
const shielded = (id) => ({
  ...{ id, system: 'rpc', target: '/api/rpc', authToken: id },
  paths: { '*': { methods: { '*': { roles: ['clerk', 'admin'] } } } },
});
const gateway = await startGateway(
  {
    'all.json': {
      systems: [
        { id: 'rpc', executor: 'rpc', parameters: { 'server.baseUrl': `http://127.0.0.1:${backend.port}` } },
        { id: 'sessions', executor: 'rpc', parameters: { 'server.baseUrl': `http://127.0.0.1:${sessions.port}` } },
      ],
      tokens: [
        { id: 'user', signingSecret: SECRET, claims, session },
        { id: 'both', signingSecret: SECRET, claims, session, external },
      ],
      channels: [
        { id: 'open', system: 'rpc', target: '/api/rpc', paths: { '*': { isPublic: true } } },
        { id: 'sessions', system: 'sessions', target: '/session/user' },
        shielded('user'),
        shielded('both'),
      ],
    },
  },
  { 'log.requests': 'none' },
);

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEAD = encoded({ alg: 'HS512', typ: 'JWT' });
let serial = 0;
function token(secret = SECRET) {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const text = `${HEAD}.${encoded({ sub: 'ada', type: 'user', roles: ['reader', 'clerk'], exp, jti: `t${serial++}` })}`;
  return `${text}.${createHmac('sha512', secret).update(text).digest('base64url')}`;
}
const ES_HEAD = encoded({ alg: 'ES256', typ: 'JWT', kid: 'a' });
function externalToken() {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const held = { iss: ISSUER, aud: 'api', sub: 'ada', roles: ['reader', 'clerk'], exp, jti: `t${serial++}` };
  const text = `${ES_HEAD}.${encoded(held)}`;
  const signature = sign('sha256', Buffer.from(text), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

const body = JSON.stringify({ name: 'Ada', items: [1, 2, 3], nested: { deep: true } });
const post = (path, bearer) =>
  `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: application/json\r\n` +
  (bearer === null ? '' : `Authorization: Bearer ${bearer}\r\n`) +
  `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const known = post('/api/request/user/Hello', token());
const bad = post('/api/request/user/Hello', token('x'.repeat(64)));
const same = (request) => () => request;
const each = (channel, make) => () => {
  const list = Array.from({ length: requests }, () => Buffer.from(post(`/api/request/${channel}/Hello`, make())));
  return () => list.pop();
};
const knownBeside = Buffer.from(post('/api/request/both/Hello', token()));
const knownExternal = Buffer.from(post('/api/request/both/Hello', externalToken()));
const PUBLIC = 'public path';
const KNOWN = 'protected, token known';
const variants = [
  { name: PUBLIC, status: '200', make: () => same(Buffer.from(post('/api/request/open/Hello', null))) },
  { name: KNOWN, status: '200', make: () => same(Buffer.from(known)), bound: 1.25 },
  { name: 'protected, a new token each', status: '200', make: each('user', token), bound: 1.6 },
  { name: 'the same bad token', status: '401', make: () => same(Buffer.from(bad)), bound: 0.5 },
  { name: 'a new bad token each', status: '401', make: each('user', () => token('x'.repeat(64))) },
  { name: 'own of both, token known', status: '200', make: () => same(knownBeside) },
  { name: 'own of both, a new one each', status: '200', make: each('both', token) },
  { name: 'external, token known', status: '200', make: () => same(knownExternal), bound: 1.25 },
  { name: 'external, a new one each', status: '200', make: each('both', externalToken) },
];

console.log(`${cpus().length} x ${cpus()[0].model}, Node ${process.version}, ${rounds} rounds of ${requests} requests`);
const samples = new Map(variants.map(({ name }) => [name, []]));
for (let round = -1; round < rounds; round++) {
  for (const { name, status, make } of variants) {
    const next = make();
    const before = cpuSeconds(gateway.pid);
    const { done, statuses } = await load({ port: gateway.port, request: next, connections: 32, requests });
    if (statuses.get(status) !== done) throw new Error(`${name}: ${[...statuses]}`);
    if (round >= 0) samples.get(name).push(((cpuSeconds(gateway.pid) - before) / done) * 1e6);
  }
}
console.log('\nvariant                        µs/request (median, min-max)   ratio   bound');
for (const { name, bound } of variants) {
  const values = samples.get(name);
  const range = `${Math.min(...values).toFixed(1)}-${Math.max(...values).toFixed(1)}`;
  const ratio = name === PUBLIC ? '' : medianRatio(values, samples.get(PUBLIC)).toFixed(2);
  console.log(
    `${name.padEnd(30)} ${median(values).toFixed(1).padStart(6)} (${range})`.padEnd(62),
    ratio.padEnd(7),
    bound ?? '',
  );
}
for (const { name } of variants.filter(({ status }) => status === '401')) {
  const ratio = medianRatio(samples.get(name), samples.get(KNOWN)).toFixed(2);
  console.log(`${name}: ${ratio} of a request that is forwarded on the same path`);
}
const metrics = await (await fetch(`http://127.0.0.1:${gateway.port}/metrics`)).text();
console.log(`\ntokens known ${/^sluice_tokens_known\S* (\d+)/m.exec(metrics)?.[1]}, sent ${serial}`);
console.log(`resident ${residentMegabytes(gateway.pid).toFixed(0)} MB`);
process.exit(0);
