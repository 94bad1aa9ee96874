import type { EntityManager } from 'typeorm';
import { type SecretBox, UnopenableSeal } from '../../secrets/secret-box.js';
import { otpContext } from './otp-seals.js';

interface SealedOtp {
  readonly id: string;
  readonly otp_secret: string;
}

const BATCH = 1000;
const NEXT = `SELECT id, otp_secret FROM identity_users WHERE otp_secret IS NOT NULL AND id > $1 ORDER BY id LIMIT ${BATCH} FOR UPDATE`;
const WRITE = `UPDATE identity_users u SET otp_secret = v.sealed
  FROM unnest($1::text[], $2::text[]) AS v (id, sealed) WHERE u.id = v.id`;

/**
 * Encrypts the secrets of one-time passwords with the first key; part of the transaction that retires the key before. What cannot be
 * opened stays as it is: whose it is goes on with a recovery code.
 */
export async function resealOtpSecrets(manager: EntityManager, box: SecretBox): Promise<void> {
  for (let after = ''; ;) {
    const users: SealedOtp[] = await manager.query(NEXT, [after]);
    const last = users.at(-1);
    if (last === undefined) return;
    const resealed = users.flatMap((user) => resealedUser(user, box));
    await manager.query(WRITE, [resealed.map(({ id }) => id), resealed.map((user) => user.otp_secret)]);
    after = last.id;
  }
}

function resealedUser({ id, otp_secret: sealed }: SealedOtp, box: SecretBox): SealedOtp[] {
  try {
    return [{ id, otp_secret: box.seal(box.open(sealed, otpContext(id)), otpContext(id)) }];
  } catch (error) {
    if (!(error instanceof UnopenableSeal)) throw error;
    return [];
  }
}
