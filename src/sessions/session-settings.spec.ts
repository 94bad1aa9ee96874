import { describe, expect, it } from '@jest/globals';
import { sessionSettingsOf } from './session-settings.js';

const read = (parameters: Record<string, string>) => sessionSettingsOf(new Map(Object.entries(parameters)));
const settings = (parameters: Record<string, string>) => read(parameters).settings;

describe('the parameters of the session runner', () => {
  it('have defaults', () => {
    const defaults = { ttlMs: 60_000, stitchPriority: 'existing' };
    expect([settings({}), settings({ ttl: ' ', stitchPriority: '' })]).toEqual([defaults, defaults]);
  });
  it('are taken as they are given', () => {
    expect(settings({ runner: 'session', ttl: '1800000', stitchPriority: 'Old' })).toEqual({
      ttlMs: 1_800_000,
      stitchPriority: 'old',
    });
  });
  it.each(['0', '-1', '1.5', '1m', '1e3', '999999999999999', '9'.repeat(400)])('refuse a ttl of %s', (ttl) => {
    const message = expect.stringContaining('is a whole number of ms from 1 to');
    expect(read({ ttl })).toEqual({ settings: settings({}), faults: [{ parameter: 'ttl', message }] });
  });
  it('refuse a priority that nobody knows', () => {
    const message = 'is one of: existing, self, old, new';
    expect(read({ stitchPriority: 'newest' }).faults).toEqual([{ parameter: 'stitchPriority', message }]);
  });
});
