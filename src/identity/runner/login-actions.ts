import type { IdentityUser } from '../../contracts/identities.js';
import { badInput, invalidToken, missingCredential, notEnabled } from '../identity-faults.js';
import type { IssuedLogin } from '../identity-server.js';
import { cameFrom, callingUser, type ActionCall } from './action-call.js';
import { tokensAnswer, userAnswer } from './identity-answers.js';

/** username and password, or client_id and client_secret, or the second step's transactionId and otp → `{token, user}`. */
export async function login(call: ActionCall): Promise<object> {
  const { type, input, server } = call;
  const [transactionId, otp] = [input.credentialGiven('transactionId'), input.credentialGiven('otp')];
  if (transactionId !== null) {
    if (otp === null) throw missingCredential('otp');
    return loggedIn(call, await server.proveStep(type, transactionId, otp, cameFrom(call)));
  }
  const isMachine = input.given('username') === undefined && input.given('client_id') !== undefined;
  const name = input.credential(isMachine ? 'client_id' : 'username');
  const text = input.credential(isMachine ? 'client_secret' : 'password');
  const kind = isMachine ? 'secret' : 'password';
  const proven = await server.prove(type, { name, text, kind, otp }, cameFrom(call));
  if ('stage' in proven) return { stage: proven.stage, transactionId: proven.transactionId };
  return loggedIn(call, proven);
}

/** username, password and profile → `{token, user}`. 11006 for a taken name, 10011 for what is no name or password. */
export async function register(call: ActionCall): Promise<object> {
  const { type, input, server } = call;
  const { registers, beginsDisabled } = server.settings;
  if (!registers) throw notEnabled('registration');
  const user = await server.createUser({
    ...{ type, username: input.textNeeded('username'), password: input.textNeeded('password') },
    // Never the roles that a client says: anybody could make itself an administrator.
    ...{ profile: input.object('profile') ?? {}, roles: [], disabled: beginsDisabled },
  });
  return user.disabled ? { user: userAnswer(user), skipToken: true } : loggedIn(call, user);
}

/** refresh_token → `{token, user}`. The refresh token that came is used up. */
export async function refresh(call: ActionCall): Promise<object> {
  const { type, input, server } = call;
  const issued = await server.refresh(type, input.credential('refresh_token'), input.settings);
  return withTokens(call, issued);
}

/** access_token → what the pattern makes of it; by default `{user: {id, roles}}`. */
export async function resolve(call: ActionCall): Promise<object> {
  const { type, input, server, patterns } = call;
  const accessToken = input.credential('access_token');
  const { allowUnregistered, resolvePattern } = input.settings;
  if (allowUnregistered) {
    // Whoever holds the secret makes tokens of its own, for users that nobody registered here.
    const access = await server.readAccess(type, accessToken);
    const user = await server.parts.users.find(access.sub);
    if (user === null || user.type !== type) return patterns.apply(resolvePattern, { access, user: null, key: null });
  }
  const { claims, user } = await server.resolve(type, accessToken);
  return patterns.apply(resolvePattern, { access: claims, user: userAnswer(user), key: null });
}

/** api_key → the same; roles are those that user and key share. Whoever remembers the answer may do so for `expires_in` seconds. */
export async function resolveKey({ type, input, server, patterns }: ActionCall): Promise<object> {
  const { user, key } = await server.resolveKey(type, input.credential('api_key'));
  const access = { sub: user.id, type, roles: key.roles };
  const shown = { id: key.id, name: key.name, roles: key.roles, expires: key.expires };
  const told = patterns.apply(input.settings.resolvePattern, { access, user: userAnswer(user), key: shown });
  if (key.expires === null) return told;
  return { ...told, expires_in: Math.max(0, Math.floor((Date.parse(key.expires) - server.parts.now()) / 1000)) };
}

/** What resolve answers, with what the client sent passed on. */
export async function forward(call: ActionCall): Promise<object> {
  return { ...(await resolve(call)), parameters: call.input.parameters };
}

/** access_token or refresh_token: the login ends. */
export async function logout({ type, input, server }: ActionCall): Promise<object> {
  const [refreshToken, accessToken] = [input.credentialGiven('refresh_token'), input.credentialGiven('access_token')];
  const { logins } = server.parts;
  // The refresh token first: it may still stand where the access token has expired.
  if (refreshToken !== null && (await logins.endByRefreshToken(refreshToken))) return { loggedOut: true };
  if (accessToken === null) throw refreshToken === null ? missingCredential('access_token') : invalidToken();
  const { sid } = await server.readAccess(type, accessToken);
  if (!(await logins.end(sid))) throw invalidToken();
  return { loggedOut: true };
}

/** Deletes the user who calls, with logins and keys. */
export async function deleteSelf(call: ActionCall): Promise<object> {
  const { user } = await callingUser(call);
  await call.server.parts.users.remove(user.id, null);
  return { deleted: user.id };
}

/** password and newPassword → `{user}`: all logins end. */
export async function changePassword(call: ActionCall): Promise<object> {
  const { input, server } = call;
  const { user } = await callingUser(call);
  const [password, newPassword] = [input.textNeeded('password'), input.textNeeded('newPassword')];
  return { user: userAnswer(await server.changePassword(user, password, newPassword, cameFrom(call))) };
}

/** profile → `{user}` */
export async function changeProfile(call: ActionCall): Promise<object> {
  const { user } = await callingUser(call);
  const profile = call.input.object('profile');
  if (profile === null) throw badInput('profile is missing');
  return { user: userAnswer(await call.server.changeUser(user.id, { profile }, null)) };
}

async function loggedIn(call: ActionCall, user: IdentityUser): Promise<object> {
  const { settings } = call.input;
  if (settings.noTokens) return { user: userAnswer(user) };
  return withTokens(call, await call.server.issue(user, settings));
}

async function withTokens({ input, patterns, server, type }: ActionCall, issued: IssuedLogin): Promise<object> {
  const [token, user] = [tokensAnswer(issued), userAnswer(issued.user)];
  if (!input.settings.resolve) return { token, user };
  const access = await server.readAccess(type, issued.accessToken);
  return { token, ...patterns.apply(input.settings.resolvePattern, { access, user, key: null }) };
}
