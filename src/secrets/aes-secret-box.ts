import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { type KeyDeriver, type SecretBox, UnopenableSeal } from './secret-box.js';

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORM = /^sealed:1:([A-Za-z0-9_-]{16}):([A-Za-z0-9_-]{38,})$/;
const FINGERPRINT_LABEL = 'sluice secrets.key fingerprint 1';
/** Set apart from all else that the same key may ever authenticate. */
const CONTEXT_LABEL = 'sluice sealed 1:';
const DERIVED_LABEL = 'sluice derived 1:';
const DERIVED_BYTES = 64;

/**
 * AES-256-GCM with one key, or with two while keys change. A sealed text is `sealed:1:<fingerprint>:<nonce|ciphertext|tag>`.
 * Nonces are random: a key is good for 2³² texts.
 */
export class AesSecretBox implements SecretBox, KeyDeriver {
  readonly fingerprint: string;
  readonly fingerprints: readonly string[];
  private readonly key: Uint8Array;
  private readonly keys: ReadonlyMap<string, Uint8Array>;

  /** The first key encrypts, all decrypt. Keys have 32 bytes. */
  constructor(keys: readonly [Uint8Array, ...Uint8Array[]]) {
    for (const key of keys) if (key.length !== KEY_BYTES) throw new Error(`A key has ${KEY_BYTES} bytes.`);
    this.key = keys[0];
    this.fingerprint = fingerprintOf(keys[0]);
    this.keys = new Map(keys.map((key) => [fingerprintOf(key), key]));
    this.fingerprints = [...this.keys.keys()];
  }

  seal(text: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(authenticated(context));
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `sealed:1:${this.fingerprint}:${sealed.toString('base64url')}`;
  }

  open(sealed: string, context: string): string {
    const [, fingerprint = '', body = ''] = FORM.exec(sealed) ?? [];
    if (fingerprint === '') throw new UnopenableSeal('The text has not the form of a sealed one.');
    const key = this.keys.get(fingerprint);
    if (key === undefined) {
      throw new UnopenableSeal(
        `The text was sealed with another key (${fingerprint}; known: ${this.fingerprints.join(', ')}). Set that key as secrets.key.previous.`,
      );
    }
    const bytes = Buffer.from(body, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(authenticated(context));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const opened = [decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
      return Buffer.concat(opened).toString('utf8');
    } catch {
      throw new UnopenableSeal('The sealed text is damaged, or was moved here from another record.');
    }
  }

  isSealed(text: string): boolean {
    return FORM.test(text);
  }

  sealedBy(text: string): string | null {
    return FORM.exec(text)?.[1] ?? null;
  }

  derivedKeys(purpose: string): readonly [KeyObject, ...KeyObject[]] {
    const [first, ...others] = this.keys.values();
    return [derived(first!, purpose), ...others.map((key) => derived(key, purpose))];
  }
}

function derived(key: Uint8Array, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha512', key, '', DERIVED_LABEL + purpose, DERIVED_BYTES)));
}

const authenticated = (context: string): Buffer => Buffer.from(CONTEXT_LABEL + context, 'utf8');

/** Sixteen characters that name a key and tell nothing of it. */
export function fingerprintOf(key: Uint8Array): string {
  return createHmac('sha256', key).update(FINGERPRINT_LABEL).digest('base64url').slice(0, 16);
}
