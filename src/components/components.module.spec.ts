import { afterAll, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  COMPONENT_SOURCE,
  type ComponentSet,
  type ComponentSource,
  FINDING_BOARD,
  type FindingBoard,
} from '../contracts/components.js';
import { LookupResolver } from '../lookups/lookup-resolver.js';
import { AesSecretBox } from '../secrets/aes-secret-box.js';
import { ComponentsModule } from './components.module.js';
import { FilesLoader } from './files-loader.js';

const home = mkdtempSync(join(tmpdir(), 'sluice-components-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('the components module', () => {
  it('gives the source and the board, starts by itself, and does not wait for a folder that is not there', async () => {
    const log = (): void => {};
    const module = ComponentsModule.register({
      gatewayId: 'g',
      box: new AesSecretBox([Buffer.alloc(32, 7)]),
      resolver: new LookupResolver({ values: [], secrets: [] }),
      snapshotPath: join(home, 'snapshot.json'),
      loader: async (sink) => new FilesLoader(sink, { folder: '/nowhere/at/all', gatewayId: 'g', refreshMs: -1, log }),
      log,
    });
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    const source = app.get<ComponentSource>(COMPONENT_SOURCE);
    const board = app.get<FindingBoard>(FINDING_BOARD);
    const sets: ComponentSet[] = [];
    source.subscribe(async (set) => void sets.push(set));
    await app.close();
    expect([source.current(), sets, board.standing().length]).toEqual([null, [], 1]);
  });
});
