import { describe, expect, it } from '@jest/globals';
import { ProcessLog, type LogLevel } from './logger.js';

describe('log.level', () => {
  it('warn has warnings and what is worse', async () => {
    const log = new ProcessLog({ level: 'warn', format: 'json', gatewayId: 'g' });
    const levels: LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
    expect(levels.filter((level) => log.isOn(level))).toEqual(['warn', 'error', 'fatal']);
    await log.close();
  });
});
