import { describe, expect, it } from '@jest/globals';
import { ForbiddenException, ImATeapotException, NotFoundException } from '@nestjs/common';
import { IdentityFault } from '../contracts/identities.js';
import { GatewayError } from '../errors/gateway.error.js';
import { Refused } from './refused.js';
import { toldError } from './told-error.js';

const brief = (error: unknown) => {
  const { name, code, status, message } = toldError(error);
  return [name, code, status, message];
};

describe('what a client is told', () => {
  it('of a refusal is what it says, with its headers', () => {
    const refused = new Refused('METHOD_NOT_ALLOWED', { headers: ['Allow', 'GET'], payload: { a: 1 } });
    expect(toldError(refused)).toMatchObject({ status: 405, headers: ['Allow', 'GET'], payload: { a: 1 } });
    expect(brief(new Refused('INPUT_INVALID', { message: '/a is b' }))).toEqual(['INPUT_INVALID', 400, 400, '/a is b']);
  });
  it.each([
    ['TOKEN_MISSING', ['WWW-Authenticate', 'Bearer']],
    ['TOKEN_INVALID', ['WWW-Authenticate', 'Bearer error="invalid_token"']],
    ['TOKEN_EXPIRED', ['WWW-Authenticate', 'Bearer error="invalid_token", error_description="expired token"']],
    ['WRONG_CREDENTIALS', []],
  ] as const)('of %s has its challenge', (name, headers) => {
    expect(toldError(new Refused(name)).headers).toEqual(headers);
  });
  it.each([
    [new IdentityFault(10125, 401, 'wrong credentials'), ['WRONG_CREDENTIALS', 401, 401, 'wrong credentials']],
    [new IdentityFault(10124, 401, 'expired token'), ['TOKEN_EXPIRED', 401, 401, 'expired token']],
    [new IdentityFault(10125, 401, 'invalid token'), ['TOKEN_INVALID', 401, 401, 'invalid token']],
    [new IdentityFault(10123, 401, 'missing password'), ['TOKEN_INVALID', 401, 401, 'invalid token']],
    [new IdentityFault(10028, 404, 'no such user'), ['RECORD_UNKNOWN', 404, 404, 'no such user']],
    [new IdentityFault(11006, 409, 'taken'), ['RECORD_TAKEN', 409, 409, 'taken']],
    [new IdentityFault(412, 412, 'changed'), ['RECORD_CHANGED', 412, 412, 'changed']],
    [new IdentityFault(10011, 400, 'too short'), ['INPUT_INVALID', 400, 400, 'too short']],
    [new IdentityFault(503, 503, 'away'), ['DATABASE_AWAY', 503, 503, 'away']],
  ])('of the identity server is our own error: %s', (fault, expected) => {
    expect(brief(fault)).toEqual(expected);
  });
  it('of a member of the input says which it is, as of any other fault of what was sent', () => {
    const fault = new IdentityFault(10011, 400, 'password has fewer than 8 characters', {
      member: { name: 'password', problem: 'has fewer than 8 characters' },
    });
    expect(toldError(fault)).toMatchObject({
      message: 'password has fewer than 8 characters',
      payload: { faults: [{ pointer: '/password', message: 'has fewer than 8 characters' }] },
    });
  });
  it('has Retry-After where somebody knows when', () => {
    expect(toldError(new IdentityFault(429, 429, 'too many', { retryAfterSeconds: 7 })).headers).toEqual([
      'Retry-After',
      '7',
    ]);
    expect(toldError(new Refused('TOO_MANY_CALLS', { retryAfterSeconds: 3 })).headers).toEqual(['Retry-After', '3']);
  });
  it('of a fault of the gateway is its entry, or the status of its own', () => {
    expect(brief(new GatewayError('BODY_TOO_LARGE'))).toEqual(['BODY_TOO_LARGE', 413, 413, 'the body is too large']);
    expect(brief(new GatewayError('BACKEND_FAILED', { status: 403 })).slice(1, 3)).toEqual([403, 403]);
  });
  it("of Nest's own is what health endpoints mean by it", () => {
    expect(brief(new NotFoundException('nothing'))).toEqual(['NOT_FOUND', 404, 404, 'nothing']);
    expect(brief(new ForbiddenException('no'))[0]).toBe('NOT_ALLOWED_ADDRESS');
    expect(brief(new ImATeapotException('secret'))[3]).not.toContain('secret');
  });
  it('of a mistake of ours is nothing; the log has it', () => {
    const error = new TypeError('password is secret');
    expect(toldError(error)).toMatchObject({ name: 'INTERNAL', status: 500, cause: error });
    expect(toldError(error).message).not.toContain('secret');
  });
});
