import type { KeyObject } from 'node:crypto';

/** A sealed text that cannot be opened: another key made it, or it is damaged. The message never holds what was sealed. */
export class UnopenableSeal extends Error {}

/**
 * Encrypts what is secret at rest (spec/components.md, spec/settings.md "secrets.key"): AES-256-GCM, a new random nonce each time.
 * `secrets.key` encrypts; it and `secrets.key.previous` decrypt.
 */
export interface SecretBox {
  /** Names the key that encrypts, and tells nothing of it. */
  readonly fingerprint: string;
  /** Of all keys that decrypt, the encrypting one first. */
  readonly fingerprints: readonly string[];
  /**
   * @param context what the text belongs to (`channel/shop`, `snapshot/3`): authenticated, so that a sealed text cannot be moved elsewhere
   * @returns text in one line that begins with `sealed:`
   */
  seal(text: string, context: string): string;
  /** @throws UnopenableSeal */
  open(sealed: string, context: string): string;
  /** Whether a text has the form of a sealed one. */
  isSealed(text: string): boolean;
  /** The fingerprint of the key that made it, or null where it has not that form. */
  sealedBy(text: string): string | null;
}

/** Makes keys of secrets.key, so that replicas need share no other. */
export interface KeyDeriver {
  /**
   * Keys of 64 bytes for one purpose, of each key that decrypts, the encrypting one's first (HKDF, RFC 5869). Every replica with these keys
   * makes the same.
   */
  derivedKeys(purpose: string): readonly [KeyObject, ...KeyObject[]];
}
