import { describe, expect, it } from '@jest/globals';
import { SettingsRejected } from './faults.js';
import { toGatewayOptions } from './gateway-options.js';
import { readSettings } from './read-settings.js';

const publicUrlOf = (value: string): string | null => {
  const loaded = readSettings({ argv: ['--set', `server.publicUrl=${value}`], env: {}, cwd: '/work' });
  return toGatewayOptions(loaded.settings).publicUrl;
};

describe('server.publicUrl', () => {
  it.each([
    ['https://gw.example.org', 'https://gw.example.org'],
    ['https://gw.example.org/edge/', 'https://gw.example.org/edge'],
    [' http://127.0.0.1:1234// ', 'http://127.0.0.1:1234'],
    ['', null],
  ])('%j is %j', (given, expected) => expect(publicUrlOf(given)).toBe(expected));
  it.each([
    'gw.example.org',
    '//gw.example.org',
    'ftp://gw.example.org',
    'https://me:secret@gw.example.org',
    'https://gw.example.org/?x',
    'https://gw.example.org/#x',
    'https://gw.example.org/a;b',
    'https://gw.exa mple.org',
  ])('is at fault as %j', (given) => expect(() => publicUrlOf(given)).toThrow(SettingsRejected));
});
