import { describe, expect, it } from '@jest/globals';
import { fromOriginal } from './from-original.js';

const RETRY = { retryCount: 2 };
function merged(paths: object, resilience: object) {
  const { fields, notes } = fromOriginal('channel', { paths, resilience: { paths: resilience } });
  return { paths: fields['paths'], told: notes.map(({ severity, pointer }) => `${severity} ${pointer}`) };
}

describe('rules of the tab resilience', () => {
  it('join the rule of the same path, however it is written', () => {
    const { paths, told } = merged({ product: { isPublic: true } }, [{ path: '/product/', retries: RETRY }]);
    expect([paths, told]).toEqual([{ product: { isPublic: true, retry: RETRY } }, []]);
  });
  it('give way to what paths say, with a warning', () => {
    const { paths, told } = merged({ a: { retry: { retryCount: 1 } } }, { a: { retry: RETRY, canAudit: true } });
    expect([paths, told]).toEqual([{ a: { retry: { retryCount: 1 }, canAudit: true } }, ['warning /paths/a']]);
  });
  it('are a fault where they name one path twice', () => {
    expect(merged({}, { a: { retry: RETRY }, '/a': {} }).told).toEqual(['fault /paths/a']);
  });
  it('are a fault where no request could have the path', () => {
    expect(merged({ '*': {} }, { ['a/'.repeat(2000)]: {} }).told[0]).toMatch(/^fault/);
  });
  it('stand alone where no rule holds for the path', () => {
    expect(merged({ b: { isPublic: true } }, { a: { retry: RETRY } }).paths).toEqual({
      b: { isPublic: true },
      a: { retry: RETRY },
    });
  });
  it('never open a path that a wider rule protects', () => {
    const admin = { methods: { '*': { roles: ['admin'] } } };
    const { paths, told } = merged({ '*': { isDisabled: true }, 'a/*': admin }, { 'a/b/c': { retry: RETRY } });
    expect(paths).toMatchObject({ 'a/b/c': { ...admin, retry: RETRY } });
    expect(told).toEqual(['warning /paths/a~1b~1c']);
  });
  it('never close a path that a wider rule opens', () => {
    expect(merged({ '*': { isPublic: true } }, { a: { retry: RETRY }, 'b/*': { retry: RETRY } }).paths).toMatchObject({
      a: { isPublic: true, retry: RETRY },
      'b/*': { isPublic: true, retry: RETRY },
    });
  });
  it('are not those of wider paths: rules do not merge when a request comes', () => {
    expect(merged({ a: { isPublic: true } }, { '*': { retry: RETRY } }).paths).toEqual({
      a: { isPublic: true },
      '*': { retry: RETRY },
    });
  });
});

describe('rules of a method in the tab resilience', () => {
  const methods = (rule: object, added: object) => {
    const { paths, told } = merged({ a: rule }, { a: { methods: added } });
    return { methods: (paths as { a: { methods: object } }).a.methods, told };
  };
  it('join those of the same method, whatever its case', () => {
    expect(methods({ methods: { GET: { roles: ['x'] } } }, [{ method: 'get', retries: RETRY }]).methods).toEqual({
      GET: { roles: ['x'], retry: RETRY },
    });
  });
  it('ask for the roles of all other methods where the rule does not name theirs', () => {
    const rule = { isPublic: true, methods: { '*': { roles: ['x'] } } };
    expect(methods(rule, { GET: { retry: RETRY } }).methods).toMatchObject({ GET: { roles: ['x'], retry: RETRY } });
  });
  it('leave all other methods allowed where the rule names none', () => {
    expect(methods({}, { GET: { retry: RETRY } }).methods).toEqual({ GET: { retry: RETRY }, '*': {} });
    expect(methods({ methods: { PUT: null } }, { GET: {} }).methods).toEqual({ GET: {}, '*': {} });
  });
  it('allow no method that the rule does not', () => {
    const rule = { methods: { PUT: { roles: ['x'] }, GET: { roles: ['y'] } } };
    for (const method of ['POST', '*', 'HEAD']) {
      expect(methods(rule, { [method]: { retry: RETRY } })).toEqual({ ...rule, told: ['warning /paths/a'] });
    }
  });
  it('join one method each, however often and in whatever case they name it', () => {
    const added = { get: { retry: RETRY }, Get: { responseHeaders: { a: 'b' } } };
    expect(methods({ methods: { GET: { roles: ['x'] } } }, added).methods).toEqual({
      GET: { roles: ['x'], retry: RETRY, responseHeaders: { a: 'b' } },
    });
  });
  it('do not open HEAD, which follows GET', () => {
    const rule = { methods: { GET: { roles: ['x'] }, '*': {} } };
    expect(methods(rule, { HEAD: { retry: RETRY } }).methods).toEqual(rule.methods);
  });
});
