import { describe, expect, it } from '@jest/globals';
import { SettingsRejected } from '../settings/faults.js';
import type { Settings } from '../settings/settings.js';
import { startFailure } from './start-failure.js';

const settings = { server: { host: '0.0.0.0', port: 1234 }, management: { port: 9090 } } as Settings;
const told = (error: unknown): string => startFailure(error, settings);
const systemError = (fields: object): Error => Object.assign(new Error('listen'), fields);
const listening = (code: string, port?: number) => systemError({ syscall: 'listen', code, address: '0.0.0.0', port });

describe('a start that fails', () => {
  it('for its settings names every fault, one a line', () => {
    const fault = { value: '"x"', problem: 'must be a whole number', source: 'a.yaml:3' };
    const error = new SettingsRejected([
      { property: 'server.port', ...fault },
      { property: 'gateway.refreshMs', ...fault },
    ]);
    expect(told(error)).toBe(
      'Sluice cannot start:\n' +
        '  server.port = "x": must be a whole number (a.yaml:3)\n' +
        '  gateway.refreshMs = "x": must be a whole number (a.yaml:3)',
    );
  });
  it('for a port in use names the port and the setting', () => {
    expect(told(listening('EADDRINUSE', 1234))).toBe(
      'Sluice cannot start: 0.0.0.0:1234 is in use. Stop what listens there, or set server.port to another port.',
    );
  });
  it('for the port of the management listener names its setting', () => {
    expect(told(listening('EADDRINUSE', 9090))).toMatch(/0\.0\.0\.0:9090 is in use.*server\.management\.port/);
  });
  it('for a port that this user may not have says so', () => {
    expect(told(listening('EACCES', 80))).toMatch(
      /may not listen on 0\.0\.0\.0:80\. Set server\.port to a port above 1023/,
    );
  });
  it('for an address that is not there says so', () => {
    expect(told(listening('EADDRNOTAVAIL', 1234))).toMatch(/no address 0\.0\.0\.0:1234\. Set server\.host/);
  });
  it('names the port of the settings where the error names none', () => {
    expect(told(systemError({ syscall: 'listen', code: 'EADDRINUSE' }))).toContain('0.0.0.0:1234 is in use');
  });
  it('for a folder that cannot be written names it and the setting', () => {
    const error = systemError({ syscall: 'mkdir', code: 'EACCES', path: '/data' });
    expect(told(error)).toBe('Sluice cannot start: /data cannot be written (EACCES). Set data.folder.');
  });
  it.each([listening('EADDRINUSE', 1234), listening('EACCES', 80), systemError({ code: 'EACCES', path: '/data' })])(
    'shows no stack trace of what its starter can mend',
    (error) => {
      expect(told(error)).not.toContain('    at ');
    },
  );
  it('for a reason of our own shows all of it', () => {
    expect(told(new TypeError('boom'))).toMatch(/^Sluice cannot start: TypeError: boom\n {4}at /);
  });
  it('for something that is no error shows that', () => {
    expect([told('boom'), told(undefined), told(null)]).toEqual([
      'Sluice cannot start: boom',
      'Sluice cannot start: undefined',
      'Sluice cannot start: null',
    ]);
  });
});
