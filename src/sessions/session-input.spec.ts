import { describe, expect, it } from '@jest/globals';
import { SessionInput } from './session-input.js';
import { readSessionPath } from './session-path.js';

const input = (origin: unknown, parameters: unknown = {}, path = '/touch'): SessionInput =>
  new SessionInput(
    JSON.stringify({ requestMeta: { origin }, payload: { parameters } }),
    readSessionPath('/session/user', path),
  );
const coded = (code: number) => expect.objectContaining({ name: 'SessionFault', code });

describe('an origin', () => {
  it.each([
    [{ type: 'guest', id: 'g1' }, 'guest-g1'],
    [{ id: 'ada' }, 'user-ada'],
    [{ type: '', id: 7 }, 'user-7'],
    [{ type: 'user', id: "'; DROP TABLE sessions; --" }, "user-'; DROP TABLE sessions; --"],
    [{ id: 'x'.repeat(256) }, `user-${'x'.repeat(256)}`],
    [{ id: 'Ünal 😀' }, 'user-Ünal 😀'],
  ])('%j has a key', (origin, key) => {
    expect(input(origin).originKey()).toBe(key);
  });

  it.each([
    ['without an id', { type: 'user' }, 10009],
    ['with an empty one', { id: '' }, 10009],
    ['that is a list', [1], 10009],
    ['that is text', 'ada', 10009],
    ['that is not there', undefined, 10009],
    ['with an object as id', { id: {} }, 10011],
    ['with a yes as id', { id: true }, 10011],
    ['with a fraction as id', { id: 1.5 }, 10011],
    ['with a number that was rounded', { id: 2 ** 53 }, 10011],
    ['with a long id', { id: 'x'.repeat(257) }, 10011],
    ['with a long type', { type: 'x'.repeat(257), id: 'a' }, 10011],
    ['with a NUL', { id: 'a\u0000b' }, 10011],
    ['with a line break', { id: 'a\nb' }, 10011],
    ['with a C1 control', { id: 'a\u0085' }, 10011],
    ['with half of a character', { id: 'a\ud83d' }, 10011],
  ])('%s is refused', (_, origin, code) => {
    expect(() => input(origin).originKey()).toThrow(coded(code));
  });

  it('has no id by what all objects have', () => {
    expect(() =>
      new SessionInput(
        '{"requestMeta":{"origin":{"__proto__":{"id":"a"}}}}',
        readSessionPath('/session/user', ''),
      ).originKey(),
    ).toThrow(coded(10009));
  });

  it.each(['', '{', 'null', '[]', '1', '{"requestMeta":[],"payload":1}'])('is missing in the event %j', (event) => {
    const read = () => new SessionInput(event, readSessionPath('/session/user', '')).originKey();
    expect(read).toThrow(coded(event === '' || event === '{' ? 10011 : 10009));
  });
});

describe('an old origin', () => {
  it.each([
    [{ oldId: 'g1', oldType: 'guest' }, 'guest-g1'],
    [{ oldId: 'g1' }, 'staff-g1'],
  ])('of %j has a key', (parameters, key) => {
    expect(input({ type: 'staff', id: 'ada', parameters }).oldOriginKey()).toBe(key);
  });
  it.each([
    [{}, 10009],
    [{ oldId: '' }, 10009],
    [{ oldId: 'a\u0000' }, 10011],
    [{ oldId: 'a', oldType: 'x'.repeat(257) }, 10011],
  ])('of %j is refused', (parameters, code) => {
    expect(() => input({ id: 'ada', parameters }).oldOriginKey()).toThrow(coded(code));
  });
});

describe('a key by name', () => {
  it('is that of the parameters, else of the path, else of the origin', () => {
    const origin = { type: 'user', id: 'own' };
    expect([
      input(origin, { originKey: 'user-named' }, '/extend/user-path').namedKey(),
      input(origin, {}, '/extend/user-path').namedKey(),
      input(origin, {}, '/extend').namedKey(),
    ]).toEqual(['user-named', 'user-path', 'user-own']);
  });
  it("is the origin's where the path holds it encoded, and as it stands where it is another's", () => {
    const keys = ['/extend/user-a%2Fb', '/extend/user-100%', '/extend/user-c%2Fd'].map((path) =>
      input({ type: 'user', id: 'a/b' }, {}, path).namedKey(),
    );
    expect(keys).toEqual(['user-a/b', 'user-100%', 'user-c%2Fd']);
  });
  it('goes with the session of parameters or path', () => {
    expect([
      input({}, { sessionId: 's1' }, '/expire/user-a/s2').sessionId(),
      input({}, {}, '/expire/user-a/s2').sessionId(),
      input({}, {}, '/expire/user-a').sessionId(),
    ]).toEqual(['s1', 's2', null]);
  });
  it.each([
    [{ originKey: 'x'.repeat(514) }, '/expire'],
    [{ originKey: ['user-a'] }, '/expire'],
    [{ originKey: 'user-\u0000' }, '/expire'],
    [{}, `/expire/${'x'.repeat(514)}`],
  ])('is refused: %j at %s', (parameters, path) => {
    expect(() => input({}, parameters, path).namedKey()).toThrow(coded(10011));
  });
  it('does not go with a session that cannot be', () => {
    expect(() => input({}, { sessionId: 's'.repeat(257) }, '/expire').sessionId()).toThrow(coded(10011));
  });
});

describe('a list of keys', () => {
  it('comes as it is', () => {
    expect(input({}, { list: ['a-1', 'a-1', ''] }).keys()).toEqual(['a-1', 'a-1', '']);
  });
  it.each([
    ['that is not there', {}, 10009],
    ['that is text', { list: 'user-1' }, 10011],
    ['that is an object', { list: { 0: 'user-1' } }, 10011],
    ['with a number', { list: ['user-1', 1] }, 10011],
    ['with too many', { list: Array.from({ length: 10_001 }, () => 'a') }, 10011],
  ])('%s is refused', (_, parameters, code) => {
    expect(() => input({}, parameters).keys()).toThrow(coded(code));
  });
});
