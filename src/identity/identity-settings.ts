import { createSecretKey, type KeyObject } from 'node:crypto';
import type { ParameterFault } from '../contracts/executor.js';
import type { AttemptLimits } from './attempts/attempts.js';
import { hasArgon2 } from './passwords/argon2-hash.js';

/** What texts that become a credential must look like; never asked at a login. */
export interface TextRules {
  readonly least: number;
  readonly most: number;
  readonly form: RegExp | null;
}

/** Parameters of a system with runner `identity` (spec/identity.md): they hold for every type that it serves. */
export interface IdentitySettings {
  readonly registers: boolean;
  /** Who registers has to be enabled first. */
  readonly beginsDisabled: boolean;
  /** Signs access tokens; null: keys that secrets.key gives. */
  readonly signingKey: KeyObject | null;
  readonly accessSeconds: number;
  readonly refreshSeconds: number;
  readonly issuer: string;
  readonly password: TextRules;
  readonly secret: TextRules;
  /** Of the original's hashes that do not say it. */
  readonly pbkdf2Iterations: number | null;
  /** Characters of a new API key. */
  readonly keyLength: number;
  /** Digests of API keys are made with it; null: without. */
  readonly keySecret: Buffer | null;
  readonly attempts: AttemptLimits;
}

export const DEFAULT_ISSUER = 'sluice';
const LONGEST_SECONDS = 10 * 365 * 86_400;
/** RFC 2104: a key shorter than the hash weakens it; HS256 is the least that we sign with. */
const LEAST_KEY_BYTES = 32;
const MOST_TEXT = 4096;
/** 22 characters of base64url are 128 bits. */
const LEAST_KEY_CHARACTERS = 22;
const ALGORITHMS = /^(?:argon2(?:id)?|PBKDF2WithHmacSHA256)$/i;

/** Reads the parameters of a system. What is wrong is told, all at once; its default stands in for it. */
export function identitySettingsOf(parameters: ReadonlyMap<string, string>): {
  readonly settings: IdentitySettings;
  readonly faults: readonly ParameterFault[];
  /** Of all that is read. */
  readonly names: readonly string[];
} {
  const given = new Given(parameters);
  const algorithm = given.text('auth.algorithm') ?? 'argon2id';
  if (!ALGORITHMS.test(algorithm)) given.fault('auth.algorithm', 'is argon2id or PBKDF2WithHmacSHA256');
  // What new hashes are made with is ours to say; these two tell of the original's, which hold them in themselves.
  given.number('auth.saltLength', 16, 8, 1024);
  given.number('auth.keyLength', 512, 128, 4096);
  const settings: IdentitySettings = Object.freeze({
    registers: given.boolean('registration.enabled', false),
    beginsDisabled: given.boolean('initial.disabled', false),
    signingKey: given.signingKey('auth.secret'),
    accessSeconds: given.number('auth.expiration', 600, 1, LONGEST_SECONDS),
    refreshSeconds: given.number('auth.refreshExpiration', 6000, 1, LONGEST_SECONDS),
    issuer: given.text('auth.issuer') ?? DEFAULT_ISSUER,
    password: given.rules('Pass', 8),
    secret: given.rules('Secret', 4),
    pbkdf2Iterations: given.optionalNumber('auth.iterations', 1, 10_000_000),
    keyLength: given.number('apikey.length', 32, LEAST_KEY_CHARACTERS, 256),
    keySecret: given.bytes('apikey.secret', 16),
    attempts: {
      ofName: given.number('attempt.limit', 5, 1, 1_000_000),
      ofAddress: given.number('attempt.addressLimit', 50, 1, 1_000_000),
      windowMs: given.number('attempt.window', 900, 1, LONGEST_SECONDS) * 1000,
      lockMs: given.number('attempt.lock', 900, 1, LONGEST_SECONDS) * 1000,
    },
  });
  return { settings, faults: given.faults, names: [...given.names] };
}

/** What is wrong with the parameters of a system, or with where it runs. */
export function identityFaults(parameters: ReadonlyMap<string, string>): readonly ParameterFault[] {
  const { faults } = identitySettingsOf(parameters);
  return hasArgon2 ? faults : [...faults, { parameter: 'runner', message: 'identity needs Node 24.7 or later' }];
}

/** Bytes of a secret: `base64:…`, else its text as UTF-8. Null where the base64 is none. */
export function secretBytes(text: string): Buffer | null {
  if (!text.startsWith('base64:')) return Buffer.from(text);
  const encoded = text.slice('base64:'.length).trim();
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(encoded) ? Buffer.from(encoded, 'base64') : null;
}

class Given {
  readonly faults: ParameterFault[] = [];
  readonly names = new Set<string>();

  constructor(private readonly parameters: ReadonlyMap<string, string>) {}

  fault(parameter: string, message: string): void {
    this.faults.push({ parameter, message });
  }

  /** Null where it is missing or empty. */
  text(name: string): string | null {
    this.names.add(name);
    const text = this.parameters.get(name)?.trim() ?? '';
    if (text.length > MOST_TEXT) this.fault(name, `has more than ${MOST_TEXT} characters`);
    return text === '' ? null : text.slice(0, MOST_TEXT);
  }

  optionalNumber(name: string, least: number, most: number): number | null {
    const text = this.text(name);
    if (text === null) return null;
    const number = /^\d{1,12}$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    this.fault(name, `is a whole number from ${least} to ${most}`);
    return null;
  }

  number(name: string, byDefault: number, least: number, most: number): number {
    return this.optionalNumber(name, least, most) ?? byDefault;
  }

  boolean(name: string, byDefault: boolean): boolean {
    const text = this.text(name)?.toLowerCase() ?? null;
    if (text === 'true' || text === 'false') return text === 'true';
    if (text !== null) this.fault(name, 'is true or false');
    return byDefault;
  }

  bytes(name: string, least: number): Buffer | null {
    const text = this.text(name);
    if (text === null) return null;
    const bytes = secretBytes(text);
    if (bytes !== null && bytes.length >= least) return bytes;
    this.fault(name, `is a secret of at least ${least} bytes, as text or base64:…`);
    return null;
  }

  signingKey(name: string): KeyObject | null {
    const bytes = this.bytes(name, LEAST_KEY_BYTES);
    return bytes === null ? null : createSecretKey(bytes);
  }

  rules(what: 'Pass' | 'Secret', leastByDefault: number): TextRules {
    const [least, most] = [`auth.min${what}Length`, `auth.max${what}Length`];
    const rules = {
      least: this.number(least, leastByDefault, 1, MOST_TEXT),
      most: this.number(most, 512, 1, MOST_TEXT),
      form: this.expression(`auth.${what.toLowerCase()}Regex`),
    };
    if (rules.least > rules.most) this.fault(most, `is less than ${least}`);
    return rules;
  }

  /** The whole text has to match, as in the original. */
  private expression(name: string): RegExp | null {
    const text = this.text(name);
    if (text === null) return null;
    try {
      return new RegExp(`^(?:${text})$`, 'u');
    } catch {
      this.fault(name, 'is no regular expression');
      return null;
    }
  }
}

/** Names of all parameters; a class is there only from here on. */
export const IDENTITY_PARAMETERS: readonly string[] = identitySettingsOf(new Map()).names;
