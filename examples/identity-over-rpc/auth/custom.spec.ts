import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../runner-kit/index.js';
import { askEvent } from '../ask.js';
import { IdentityServer } from '../identity-server.js';

let server: IdentityServer;
let access_token: string;
beforeEach(async () => {
  server = await IdentityServer.start({ custom: { whose: ({ type }) => ({ type }) } });
  ({ access_token } = (await logIn('builder')).payload['token'] as never);
});
afterEach(() => server.close());

const ask = (action: string, auth: JsonObject, parameters: JsonObject = {}) =>
  askEvent(server.baseUrl, `/auth/user/${action}`, { auth, parameters });
const logIn = (password: string) => ask('login', { username: 'bob', password });
const change = (parameters: JsonObject) => ask('custom/changePassword', { access_token }, parameters);

describe('custom/changePassword', () => {
  it('changes it', async () => {
    const { payload } = await change({ password: 'builder', newPassword: 'yes-we-can' });
    expect(payload['user']).toMatchObject({ id: 'bob' });
    expect((await logIn('yes-we-can')).error).toBeUndefined();
    expect((await logIn('builder')).error).toMatchObject({ code: 10125 });
  });

  it('refuses a wrong password and a short new one', async () => {
    expect((await change({ password: 'x', newPassword: 'yes-we-can' })).error).toMatchObject({ code: 10125 });
    expect((await change({ password: 'builder', newPassword: 'yes' })).error).toMatchObject({ code: 400 });
    expect((await logIn('builder')).error).toBeUndefined();
  });

  it('needs an access token', async () => {
    expect((await ask('custom/changePassword', {}, { password: 'builder' })).error).toMatchObject({ code: 10123 });
  });
});

describe('custom/setOtp', () => {
  it('makes logins ask for a code, or no more', async () => {
    const set = (otp: string) => ask('custom/setOtp', { access_token }, { otp });
    expect((await set('1234')).payload).toEqual({ otpEnabled: true });
    expect((await logIn('builder')).payload).toMatchObject({ stage: 'otp' });
    expect((await set('')).payload).toEqual({ otpEnabled: false });
    expect((await logIn('builder')).payload).toHaveProperty('token');
    expect((await set('1'.repeat(33))).error).toMatchObject({ code: 400 });
  });
});

describe('custom actions', () => {
  it('may be added, and others are not found', async () => {
    expect((await ask('custom/whose', {})).payload).toEqual({ type: 'user' });
    expect((await ask('custom/other', {})).error).toMatchObject({ code: 3 });
  });
});
