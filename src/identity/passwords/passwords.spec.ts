import { describe, expect, it } from '@jest/globals';
import { argon2Of, readArgon2 } from './argon2-hash.js';
import { deriveHere } from './derivation.js';
import { HashQueue } from './hash-queue.js';
import { PasswordHashes, readHash } from './password-hashes.js';

describe('hashes of passwords', () => {
  const hashes = new PasswordHashes(deriveHere);
  it('tell algorithm and costs, and differ for one password', async () => {
    const [one, other] = [await hashes.make('pass'), await hashes.make('pass')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(other);
  });
  it('are right for the password, however a keyboard composes it, and wrong for any other', async () => {
    const hash = await hashes.make('caf\u00e9');
    expect(await hashes.check('cafe\u0301', hash)).toEqual({ isRight: true, isOld: false });
    expect(await hashes.check('cafe', hash)).toMatchObject({ isRight: false });
    expect(await hashes.check('', hash)).toMatchObject({ isRight: false });
  });
  it('of nobody are never right', async () => {
    expect((await hashes.check('', null)).isRight).toBe(false);
  });
  it('with other costs are right and old', async () => {
    // argon2 of the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1
    const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await hashes.check('password', reference)).toEqual({ isRight: true, isOld: true });
    expect(await hashes.check('Password', reference)).toMatchObject({ isRight: false });
  });
  it.each([
    '',
    'plain',
    '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
    '$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=4,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$pbkdf2-sha256$i=99999999$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$pbkdf2-sha256$i=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  ])('are none, or cost too much: %s', async (text) => {
    expect(readHash(text)).toBeNull();
    expect(await hashes.check('password', text)).toEqual({ isRight: false, isOld: false });
  });
  it('are read as they were written', async () => {
    expect(readArgon2(await argon2Of('x', deriveHere))).toMatchObject({ memory: 19_456, passes: 2, parallelism: 1 });
  });
});

describe('the queue of hashes', () => {
  const held = () => Promise.withResolvers<void>();
  it('runs so many at once, in order, and tells who comes too late', async () => {
    const queue = new HashQueue(1, 2);
    const [first, order] = [held(), [] as number[]];
    const runs = [queue.run(() => first.promise.then(() => order.push(0)))];
    for (const index of [1, 2]) runs.push(queue.run(async () => order.push(index)));
    await expect(queue.run(async () => order.push(3))).rejects.toMatchObject({ status: 503, retryAfterSeconds: 5 });
    expect([order, queue.waiting]).toEqual([[], 2]);
    first.resolve();
    await Promise.all(runs);
    expect([order, queue.waiting]).toEqual([[0, 1, 2], 0]);
  });
  it('goes on after a failure', async () => {
    const queue = new HashQueue(1, 1);
    const failing = queue.run(() => Promise.reject(new Error('no')));
    const next = queue.run(async () => 'yes');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});
