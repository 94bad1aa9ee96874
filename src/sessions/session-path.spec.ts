import { describe, expect, it } from '@jest/globals';
import { readSessionPath } from './session-path.js';

describe('the path of a session action', () => {
  it.each([
    ['/session/user', '', 'touch', null, null],
    ['/session/user', '/', 'touch', null, null],
    ['/session/user/', '/touch', 'touch', null, null],
    ['/session', '/user/touch', 'touch', null, null],
    ['/session/user', '/extend', 'extend', null, null],
    ['/session/user', '/extend/user-1', 'extend', 'user-1', null],
    ['/session/user', '/extendList', 'extendList', null, null],
    ['/session/user', '/stitch', 'stitch', null, null],
    ['/session/user', '/expire', 'expire', null, null],
    ['/session/user', '/expire/user-1', 'expire', 'user-1', null],
    ['/session/user/expire', '/user-1/s', 'expire', 'user-1', 's'],
  ])('at %s%s', (target, path, ...[action, originKey, sessionId]) => {
    expect(readSessionPath(target, path)).toEqual({ type: 'user', action, originKey, sessionId });
  });

  it.each([
    ['/session', '/'],
    ['/auth/user', '/touch'],
    ['/', '/touch'],
    ['/session/user', '/end'],
    ['/session/user', '/Touch'],
    ['/session/user', '/constructor'],
    ['/session/user', '/touch/user-1'],
    ['/session/user', '/extend/a/b'],
    ['/session/user', '/extendList/a'],
    ['/session/user', '/expire/a/b/c'],
  ])('is none at %s%s', (target, path) => {
    expect(() => readSessionPath(target, path)).toThrow(expect.objectContaining({ code: 3 }));
  });
});
