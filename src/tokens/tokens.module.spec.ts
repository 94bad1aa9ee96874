import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BroadcastHub } from '../broadcast/broadcast-hub.js';
import { StandingFindings } from '../components/finding-board.js';
import { BROADCAST } from '../contracts/broadcast.js';
import { FINDING_BOARD } from '../contracts/components.js';
import { LedgerUnavailable, TOKEN_LEDGER, type TokenLedger } from '../contracts/token-ledger.js';
import { Metrics } from '../observability/metrics.js';
import { METRICS } from '../observability/tokens.js';
import { AesSecretBox } from '../secrets/aes-secret-box.js';
import { LazyDatabase } from '../storage/lazy-database.js';
import { tokenDigest } from './ledger/token-digest.js';
import { TokensModule } from './tokens.module.js';

@Module({})
class ElsewhereModule {}

const log = (): void => undefined;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-tokens-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function anApp(databaseUrl: string | null) {
  const box = new AesSecretBox([Buffer.alloc(32, 1)]);
  const database = new LazyDatabase({ url: databaseUrl, dataFolder: folder, box, hasGeneratedKey: false, log });
  const hub = new BroadcastHub({ gatewayId: 'shop', ways: async () => [], log });
  const [metrics, board] = [new Metrics('shop'), new StandingFindings()];
  const providers = [
    { provide: LazyDatabase, useValue: database },
    { provide: BROADCAST, useValue: hub },
    { provide: METRICS, useValue: metrics },
    { provide: FINDING_BOARD, useValue: board },
  ];
  const elsewhere = { module: ElsewhereModule, providers, exports: providers.map(({ provide }) => provide) };
  const app = await NestFactory.createApplicationContext(
    TokensModule.register([elsewhere], { databaseUrl, box, log }),
    { logger: false, abortOnError: false },
  );
  const end = async (): Promise<void> => {
    await app.close();
    await database.close();
    metrics.close();
  };
  const text = async (name: string): Promise<string | undefined> =>
    (await metrics.text()).split('\n').find((line) => line.startsWith(`${name}{`));
  return { ledger: app.get<TokenLedger>(TOKEN_LEDGER), board, text, end, hub };
}

describe('a gateway that issues no tokens', () => {
  it('opens no database for them', async () => {
    const { ledger, board, text, end } = await anApp(null);
    expect(ledger.isRevoked(tokenDigest('a'))).toBe(false);
    expect(board.standing()).toEqual([]);
    expect(await text('sluice_token_ledger_up')).toMatch(/ 1$/);
    await end();
  });
});

describe('a gateway whose database is away', () => {
  const gone = 'postgres://nobody:hidden@127.0.0.1:1/none';

  it('starts, refuses what it is told, and says what is missing without a password', async () => {
    const { ledger, board, text, end, hub } = await anApp(gone);
    await hub.publish('revoked', { digest: tokenDigest('a'), expiresAtMs: Date.now() + 60_000 });
    expect([ledger.isRevoked(tokenDigest('a')), ledger.isRevoked(tokenDigest('b'))]).toEqual([true, false]);
    await expect(ledger.use('a')).rejects.toThrow(LedgerUnavailable);
    const findings = board.standing();
    expect(findings).toMatchObject([{ severity: 'warning', message: expect.stringContaining('cannot be had') }]);
    expect(JSON.stringify(findings)).not.toContain('hidden');
    expect([await text('sluice_token_ledger_up'), await text('sluice_tokens_revoked')]).toEqual([
      expect.stringMatching(/ 0$/),
      expect.stringMatching(/ 1$/),
    ]);
    await end();
  });
});
