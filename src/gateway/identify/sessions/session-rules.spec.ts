import { describe, expect, it } from '@jest/globals';
import { sessionRulesOf } from './session-rules.js';

describe('a session record', () => {
  it('keeps up to 1000 extensions for 5 seconds and sends 100 at a time, where it says nothing else', () => {
    const { rules, faults, warnings } = sessionRulesOf({ channel: 'sessions', urls: { touch: '/{type}' } }, '/session');
    expect(rules).toMatchObject({ channel: 'sessions', bufferSize: 1000, bufferMs: 5000, batchSize: 100 });
    expect([faults, warnings]).toEqual([[], []]);
  });
  it('is at fault with a bad number or URL, all told at once', () => {
    const record = { channel: 's', urls: { extendList: '/{originKey}' }, bufferSize: 0, bufferMs: 0.5, batchSize: -1 };
    const { rules, faults } = sessionRulesOf(record, '/session');
    expect(rules).toBeNull();
    const pointers = ['/session/bufferSize', '/session/bufferMs', '/session/batchSize', '/session/urls/extendList'];
    expect(faults.map(({ pointer }) => pointer)).toEqual(pointers);
  });
  it('is out of force without a channel, and without effect where nothing can be touched, with a warning', () => {
    expect(sessionRulesOf({ urls: { touch: '/' } }, '/session')).toMatchObject({
      rules: null,
      warnings: [{ pointer: '/session/channel' }],
    });
    expect(sessionRulesOf({ channel: 's' }, '/session').warnings).toMatchObject([{ pointer: '/session/urls/touch' }]);
  });
  it('has the same key for the same content', () => {
    const key = (bufferMs: number) => sessionRulesOf({ channel: 's', urls: { touch: '/' }, bufferMs }, '').rules!.key;
    expect([key(1) === key(1), key(1) === key(2)]).toEqual([true, false]);
  });
});
