import { badInput } from '../identity-faults.js';
import { callingUser, cameFrom, type ActionCall, type Calling, type IdentityAction } from './action-call.js';

/** A login this young proves that the user is there, and not only its token. */
const FRESH_SECONDS = 300;

async function setup(call: ActionCall): Promise<object> {
  const { user } = await callingUser(call);
  return call.server.parts.otp.setup(user, call.server.settings.issuer);
}

/** `{otp}` of the new secret turns codes on. */
async function verify(call: ActionCall): Promise<object> {
  const { user } = await callingUser(call);
  const { otp, passwords } = call.server.parts;
  const code = call.input.textNeeded('otp');
  let recoveryCodes: readonly string[] | null = null;
  await passwords.proveCode(user, call.server.attempt(user.type, cameFrom(call)), async () => {
    recoveryCodes = await otp.turnOn(user.id, code);
    return recoveryCodes !== null;
  });
  return { otpEnabled: true, recoveryCodes };
}

/** `{otp}` or `{password}` */
async function disable(call: ActionCall): Promise<object> {
  const calling = await callingUser(call);
  await prove(call, calling, 'otp or password is missing: they show that it is the user who asks', false);
  if (!(await call.server.parts.otp.turnOff(calling.user.id))) throw badInput('one-time passwords are not on');
  return { otpEnabled: false };
}

/** `{otp}` or `{password}`, or nothing soon after a login. */
async function recovery(call: ActionCall): Promise<object> {
  const calling = await callingUser(call);
  await prove(call, calling, 'otp or password is missing: without them only within five minutes of a login', true);
  return { recoveryCodes: await call.server.parts.otp.renewRecovery(calling.user.id) };
}

async function prove(
  call: ActionCall,
  { user, ageSeconds }: Calling,
  message: string,
  takesFresh: boolean,
): Promise<void> {
  const { input, server } = call;
  const [code, password] = [input.text('otp'), input.text('password')];
  if (code !== null) {
    const attempt = server.attempt(user.type, cameFrom(call));
    return server.parts.passwords.proveCode(user, attempt, () => server.parts.otp.use(user.id, code));
  }
  if (password !== null) return server.provePassword(user, password, cameFrom(call));
  if (!takesFresh || ageSeconds === null || ageSeconds > FRESH_SECONDS) throw badInput(message);
}

/** One-time passwords of the user who calls: `/auth/{type}/otp/{action}`. */
export const OTP_ACTIONS: Readonly<Record<string, IdentityAction>> = { setup, verify, disable, recovery };
