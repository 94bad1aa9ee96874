import { describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import {
  COMPONENT_SOURCE,
  type ComponentSet,
  type ComponentSource,
  FINDING_BOARD,
  type FindingBoard,
} from '../contracts/components.js';
import { ComponentsModule } from './components.module.js';

describe('the components module', () => {
  it('gives the source and the board, starts by itself, and does not wait for a folder that is not there', async () => {
    const module = ComponentsModule.register({
      folder: '/nowhere/at/all',
      gatewayId: 'g',
      refreshMs: -1,
      log: () => {},
    });
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    const source = app.get<ComponentSource>(COMPONENT_SOURCE);
    const board = app.get<FindingBoard>(FINDING_BOARD);
    const sets: ComponentSet[] = [];
    source.subscribe(async (set) => void sets.push(set));
    await app.close();
    expect([source.current(), sets, board.standing().length]).toEqual([null, [], 4]);
  });
});
