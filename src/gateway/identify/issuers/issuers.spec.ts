import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import type { Finding } from '../../../contracts/components.js';
import { issuerPlace, type TokenRules } from './issuer.js';
import { ReadFailed } from './issuer-client.js';
import { IssuerCounts } from './issuer-counts.js';
import { IssuerReport } from './issuer-report.js';
import { Issuers, type IssuerUse } from './issuers.js';
import { documentUrls } from './read-metadata.js';

const RULES: TokenRules = { use: 'access', audiences: new Set(['api']), takesAzp: false, authorizedParty: null };
const JWKS = 'https://login.example.com/keys';
const use = (name: string, token = name): IssuerUse => ({
  ...{ place: issuerPlace(`https://${name}.example.com`, JWKS), token, pointer: '/external/issuer' },
});

function aWorld() {
  const world = { failing: true, closed: 0, findings: [] as readonly Finding[], told: [] as string[], asked: 0 };
  const clock = new ManualClock();
  const counts = new IssuerCounts();
  const report = new IssuerReport({ replace: (_, findings) => (world.findings = findings) }, (level, message) =>
    world.told.push(`${level} ${message}`),
  );
  const client = {
    question: () => async () => {
      world.asked++;
      if (world.failing) throw new ReadFailed('refuses the connection');
      return { keys: [] };
    },
    close: async () => void world.closed++,
  };
  const issuers = new Issuers({ client, clock, report, counts });
  const settle = async () => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return { ...{ world, clock, counts, report, issuers, settle } };
}

describe('the issuers that records in force name', () => {
  it('are each known once, and let go of with the last record', async () => {
    const { issuers, world, clock, settle } = aWorld();
    issuers.retain([use('a'), use('a', 'other'), use('b')]);
    await settle();
    expect([issuers.size, world.asked]).toEqual([2, 2]);
    const kept = issuers.of(use('a').place);
    issuers.retain([use('a')]);
    expect([issuers.size, clock.waits.length]).toEqual([1, 1]);
    expect(issuers.of(use('a').place)).toBe(kept);
    const forgotten: string[] = [];
    issuers.onWithdrawn(({ issuer }) => forgotten.push(issuer));
    issuers.retain([]);
    expect([issuers.size, clock.waits.length]).toEqual([0, 0]);
    // What it withdraws while nobody asks it must not count when the record comes back.
    expect(forgotten).toEqual(['https://a.example.com']);
  });
  it('are told of to operators while they are away: for each record, once in the log', async () => {
    const { issuers, world, clock, counts, report, settle } = aWorld();
    issuers.retain([use('a'), use('a', 'other')]);
    await settle();
    expect(world.findings).toMatchObject([
      { kind: 'token', id: 'a', severity: 'warning', pointer: '/external/issuer', code: 17003 },
      { id: 'other', message: expect.stringContaining('https://a.example.com refuses the connection') },
    ]);
    clock.advance(10_000);
    await settle();
    expect(world.told).toHaveLength(1);
    expect([report.away, counts.reads, counts.failures]).toEqual([1, 2, 2]);
    world.failing = false;
    clock.advance(10_000);
    await settle();
    // No key at all is a trouble as well, and another one.
    expect(world.findings).toMatchObject([{ message: expect.stringContaining('no key that can be used') }, {}]);
    issuers.retain([]);
    expect([world.findings, report.away]).toEqual([[], 0]);
  });
  it('are 256 at most: others are closed', async () => {
    const { issuers } = aWorld();
    issuers.retain(Array.from({ length: 256 }, (_, number) => use(`i${number}`)));
    const one = issuers.of(use('more').place);
    expect(await one.check('x', RULES, 0)).toMatchObject({ kind: 'unchecked', cause: expect.stringContaining('256') });
    await expect(Promise.resolve(one.metadata())).rejects.toThrow(/256/);
    expect(issuers.size).toBe(256);
  });
  it('are asked no more when the process ends', async () => {
    const { issuers, world, clock, settle } = aWorld();
    issuers.retain([use('a')]);
    await settle();
    await issuers.close();
    clock.advance(1_000_000);
    expect(await issuers.of(use('a').place).check('x', RULES, 0)).toMatchObject({ kind: 'unchecked' });
    expect([world.closed, world.asked, issuers.size]).toEqual([1, 1, 0]);
  });
});

describe('the document of an issuer', () => {
  it.each([
    ['https://x', 'https://x/.well-known/openid-configuration', 'https://x/.well-known/oauth-authorization-server'],
    ['https://x/', 'https://x/.well-known/openid-configuration', 'https://x/.well-known/oauth-authorization-server'],
    [
      'https://x:1/realms/a/',
      'https://x:1/realms/a/.well-known/openid-configuration',
      'https://x:1/.well-known/oauth-authorization-server/realms/a',
    ],
  ])('of %s stands where the standards say', (issuer, first, second) => {
    expect(documentUrls(issuer)).toEqual([first, second]);
  });
});
