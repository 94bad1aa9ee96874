import { describe, expect, it } from '@jest/globals';
import { maskRecord } from '../components/mask-record.js';
import { MASK } from '../components/secret-names.js';
import { keepMasked } from './keep-masked.js';

describe('a mask that comes back', () => {
  it('keeps the stored value of the same place', () => {
    const stored = { executor: 'rpc', parameters: { token: 'x', 'server.timeout': 5, 'my.password': 7 } };
    const shown = maskRecord('system', stored);
    expect(keepMasked('system', shown, stored)).toEqual({ fields: stored, problems: [] });
  });
  it('gives way to a new value', () => {
    const { fields } = keepMasked('system', { parameters: { token: 'new' } }, { parameters: { token: 'x' } });
    expect(fields).toEqual({ parameters: { token: 'new' } });
  });
  it('keeps a URL with its user-info, unless the URL changes', () => {
    const stored = { parameters: { 'server.baseUrl': 'http://u:p@h/a' } };
    const kept = (url: string) => keepMasked('system', { parameters: { 'server.baseUrl': url } }, stored).fields;
    expect(kept('http://h/a')).toEqual(stored);
    expect(kept('http://h/b')).toEqual({ parameters: { 'server.baseUrl': 'http://h/b' } });
    expect(kept('http://v:q@h/a')).toEqual({ parameters: { 'server.baseUrl': 'http://v:q@h/a' } });
  });
  it('knows items of a list by their names, in any order', () => {
    const stored = {
      signingSecret: [
        { kid: 'one', secret: '1' },
        { kid: 'two', secret: '2' },
      ],
    };
    const { fields } = keepMasked('token', { signingSecret: [{ kid: 'two', secret: MASK }] }, stored);
    expect(fields).toEqual({ signingSecret: [{ kid: 'two', secret: '2' }] });
    const listed = {
      parameters: [
        { key: 'token', value: 'x' },
        { key: 'a', value: 'y' },
      ],
    };
    const swapped = {
      parameters: [
        { key: 'a', value: 'y' },
        { key: 'token', value: MASK },
      ],
    };
    expect(keepMasked('system', swapped, listed).fields).toEqual({
      parameters: [
        { key: 'a', value: 'y' },
        { key: 'token', value: 'x' },
      ],
    });
  });
  it('knows items without a name by their index', () => {
    const stored = { signingSecret: [{ secret: '1' }, { secret: '2' }] };
    const { fields } = keepMasked('token', { signingSecret: [{ secret: MASK }, { secret: 'new' }] }, stored);
    expect(fields).toEqual({ signingSecret: [{ secret: '1' }, { secret: 'new' }] });
  });
  it('is a problem where nothing is stored', () => {
    const fields = { signingSecret: [{ kid: 'new', secret: MASK }], provider: { clientSecret: MASK } };
    const stored = { signingSecret: [{ kid: 'old', secret: 'x' }] };
    expect(keepMasked('token', fields, stored).problems.map(({ pointer }) => pointer)).toEqual([
      '/signingSecret/0/secret',
      '/provider/clientSecret',
    ]);
    expect(keepMasked('token', { signingSecret: MASK }, null).problems[0]?.message).toContain('nothing is stored');
  });
  it('is a text like any other where no secret belongs', () => {
    const fields = { description: MASK };
    expect(keepMasked('system', fields, null)).toEqual({ fields, problems: [] });
  });
  it('keeps what the executor declares as secret', () => {
    const isSecretParameter = (name: string): boolean => name === 'pin';
    const { fields } = keepMasked(
      'system',
      { parameters: { pin: MASK } },
      { parameters: { pin: 1 } },
      { isSecretParameter },
    );
    expect(fields).toEqual({ parameters: { pin: 1 } });
  });
  it('is never a member that objects have by themselves', () => {
    const fields = JSON.parse(`{"parameters": {"__proto__": {"token": "${MASK}"}}}`) as object;
    expect(keepMasked('system', fields, { parameters: {} }).problems).toHaveLength(1);
  });
});
