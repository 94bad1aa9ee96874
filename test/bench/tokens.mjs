import { createHmac, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { cpus } from 'node:os';
import { compactDecrypt, jwtVerify } from 'jose';
import { tokenCodecOf } from '../../dist/gateway/identify/tokens/token-codec.js';
import { VerifiedTokens } from '../../dist/gateway/identify/tokens/verified-tokens.js';

/**
 * `node test/bench/tokens.mjs` after `npm run build`: CPU time of the process per check of a gateway token, one after the
 * other; the lowest and the median of the rounds.
 */
const rounds = 9;
const nowMs = Date.now();
const life = { nowMs, lifeSeconds: 3600 };
const secret = 's'.repeat(64);
const claims = { sub: 'd7f1c2a0-user', roles: ['customer', 'editor'], user: { name: 'Ada', email: 'ada@example.com' } };
const pemOf = ({ privateKey }) => privateKey.export({ type: 'pkcs8', format: 'pem' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const codecOf = (record) => {
  const { codec, faults } = tokenCodecOf({ issuer: 'sluice', audience: ['shop'], ...record }, { allowUnsigned: false });
  if (codec === null) throw new Error(JSON.stringify(faults));
  return codec;
};

async function measure(name, calls, call) {
  const times = [];
  for (let round = -2; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let index = 0; index < calls; index++) {
      const answer = call(index);
      if (answer instanceof Promise) await answer;
    }
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) times.push((user + system) / calls);
  }
  times.sort((one, other) => one - other);
  const [lowest, median] = [times[0], times[rounds >> 1]];
  console.log(`${name.padEnd(46)} ${lowest.toFixed(2).padStart(8)} ${median.toFixed(2).padStart(8)}`);
}

console.log(`${cpus().length} x ${cpus()[0].model}, Node ${process.version}, µs of CPU a check: lowest and median\n`);
const kinds = [
  ['HS256', { signingSecret: secret, signingAlgorithm: 'HS256' }, 50_000],
  ['HS512', { signingSecret: secret }, 50_000],
  ['RS256', { signingSecret: pemOf(rsa), signingAlgorithm: 'RS256' }, 5000],
  [
    'ES256',
    { signingSecret: pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })), signingAlgorithm: 'ES256' },
    2000,
  ],
  ['EdDSA', { signingSecret: pemOf(generateKeyPairSync('ed25519')), signingAlgorithm: 'EdDSA' }, 2000],
  ['JWE A256KW, A256GCM', { encryptionSecret: secret.slice(32) }, 1000],
  ['JWE A256KW, A256GCM with HS512 inside', { encryptionSecret: secret.slice(32), signingSecret: secret }, 1000],
];
for (const [name, record, calls] of kinds) {
  const codec = codecOf(record);
  const token = await codec.issue(claims, life);
  const result = await codec.check(token, nowMs);
  if (result.kind !== 'good') throw new Error(`${name}: ${result.fault}`);
  await measure(name, calls, () => codec.check(token, nowMs));
}

const codec = codecOf({ signingSecret: secret });
const token = await codec.issue(claims, life);
const forged = `${token.slice(0, -4)}AAAA`;
await measure('HS512, refused for its signature', 50_000, () => codec.check(forged, nowMs));
await measure('refused for its form', 50_000, () => codec.check(`${token}=`, nowMs));

const cache = new VerifiedTokens();
// Texts as they come from a socket: no two requests share one.
const copies = (text) => Buffer.from(text, 'latin1').toString('latin1');
const many = [];
for (let index = 0; index < 20_000; index++) {
  const one = `${token.slice(0, -8)}${String(index).padStart(8, '0')}`;
  many.push(one);
  cache.put(codec.key, one, await codec.check(token, nowMs));
}
let misses = 0;
await measure('found among 20 000 verified tokens', 50_000, (index) => {
  if (cache.get(codec.key, many[index % 20_000]) === null) misses++;
});
console.log(`  (not kept, since their row was full: ${((100 * misses) / ((rounds + 2) * 50_000)).toFixed(1)} %)`);
await measure('… of a token read anew from a buffer', 50_000, (index) =>
  cache.get(codec.key, copies(many[index % 20_000])),
);
await measure('looked up and not found', 50_000, () => cache.get(codec.key, forged));
const roomy = new VerifiedTokens(10_000);
const good = await codec.check(token, nowMs);
await measure('put where there is no room', 50_000, (index) => roomy.put(codec.key, many[index % 20_000], good));

console.log('\nfor comparison');
const key = createSecretKey(Buffer.from(secret));
await measure('HS512 of jose: jwtVerify', 2000, () => jwtVerify(token, key, { algorithms: ['HS512'] }));
const input = token.slice(0, token.lastIndexOf('.'));
await measure('the HMAC alone', 50_000, () => createHmac('sha512', key).update(input).digest());
const sealed = await codecOf({ encryptionSecret: secret.slice(32) }).issue(claims, life);
await measure('A256KW of jose: compactDecrypt', 1000, () => compactDecrypt(sealed, Buffer.from(secret.slice(32))));
