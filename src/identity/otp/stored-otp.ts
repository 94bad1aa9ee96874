import { randomBytes } from 'node:crypto';
import type { IdentityUser } from '../../contracts/identities.js';
import { type SecretBox, UnopenableSeal } from '../../secrets/secret-box.js';
import type { BoundedStore } from '../../storage/bounded-store.js';
import { badInput } from '../identity-faults.js';
import { base32 } from './base32.js';
import { READ, RECOVERY, SET_UP, TURN_OFF, TURN_ON, USE, USE_RECOVERY, type OtpRow } from './otp-statements.js';
import { otpContext } from './otp-seals.js';
import { recoveryCodes, recoveryDigest } from './recovery-codes.js';
import { otpUri, stepOf } from './totp.js';

/** RFC 4226, 4: 160 bits. */
const SECRET_BYTES = 20;

export interface OtpSetup {
  /** Base32, for who types it. */
  readonly secret: string;
  readonly uri: string;
}

/** One-time passwords of users (RFC 6238), their secrets encrypted with secrets.key. Each throws IdentityFault. */
export class StoredOtp {
  constructor(
    private readonly store: Pick<BoundedStore, 'rows'>,
    private readonly box: SecretBox,
    /** Epoch ms. */
    private readonly now: () => number,
  ) {}

  /** A new secret; it counts once a code of it has been verified. @throws IdentityFault 400 where codes are asked for already */
  async setup({ id, username }: IdentityUser, issuer: string): Promise<OtpSetup> {
    const secret = randomBytes(SECRET_BYTES);
    const sealed = this.box.seal(secret.toString('base64'), otpContext(id));
    if (!(await this.changes(SET_UP, [id, sealed]))) throw badInput('one-time passwords are on: disable them first');
    return { secret: base32(secret), uri: otpUri(secret, issuer, username) };
  }

  /** Turns codes on by the first of them: recovery codes, told once. Null: the code is wrong, or was used. */
  async turnOn(id: string, code: string): Promise<readonly string[] | null> {
    const { secret, isOn } = await this.read(id);
    if (isOn) throw badInput('one-time passwords are on already');
    if (secret === null) throw badInput('one-time passwords are not set up: call setup first');
    const step = this.step(id, secret, code);
    if (step === null) return null;
    const codes = recoveryCodes();
    return (await this.changes(TURN_ON, [id, secret, step, codes.map(recoveryDigest)])) ? codes : null;
  }

  /** Whether it is a code, or a recovery code, that nobody has used yet; it is used up then. */
  async use(id: string, code: string): Promise<boolean> {
    const recovery = recoveryDigest(code);
    if (recovery !== null) return this.changes(USE_RECOVERY, [id, recovery]);
    const { secret, isOn } = await this.read(id);
    const step = secret === null || !isOn ? null : this.step(id, secret, code);
    return step !== null && this.changes(USE, [id, secret, step]);
  }

  async turnOff(id: string): Promise<boolean> {
    return this.changes(TURN_OFF, [id]);
  }

  /** New recovery codes in place of those that are left. @throws IdentityFault 400 where codes are not on */
  async renewRecovery(id: string): Promise<readonly string[]> {
    const codes = recoveryCodes();
    if (!(await this.changes(RECOVERY, [id, codes.map(recoveryDigest)])))
      throw badInput('one-time passwords are not on');
    return codes;
  }

  private async read(id: string): Promise<OtpRow> {
    const [row] = await this.store.rows<OtpRow>(READ, [id]);
    return row ?? { secret: null, isOn: false };
  }

  private step(id: string, sealed: string, code: string): number | null {
    try {
      return stepOf(Buffer.from(this.box.open(sealed, otpContext(id)), 'base64'), code.replace(/\s/g, ''), this.now());
    } catch (error) {
      // Of a key that nobody has any more: its user goes on with a recovery code.
      if (error instanceof UnopenableSeal) return null;
      throw error;
    }
  }

  private async changes(statement: string, values: unknown[]): Promise<boolean> {
    return (await this.store.rows(statement, values)).length > 0;
  }
}
