import { IsOptional } from 'class-validator';
import { KEY_EXPECTED, parseSecretKey } from '../secrets/secret-key.js';
import { Custom } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

/** Blanks count in a key that is text. */
const SecretKey = (): PropertyDecorator =>
  Custom({
    expected: KEY_EXPECTED,
    read: (value) =>
      value === '' ? null : typeof value === 'string' && /^\s*base64:/.test(value) ? value.trim() : value,
    accepts: (value) => problemOf(value) === null,
    reason: problemOf,
  });

function problemOf(value: unknown): string | null {
  if (typeof value !== 'string') return `expected ${KEY_EXPECTED}`;
  const key = parseSecretKey(value);
  return 'problem' in key ? key.problem : null;
}

/** Encryption of secrets at rest. */
export class SecretsSettings {
  @Setting('secrets.key', {
    doc: 'encrypts secrets at rest, AES-256-GCM',
    secret: true,
    defaultText: 'generated in {data.folder}/secrets.key, mode 0600',
  })
  @IsOptional()
  @SecretKey()
  readonly key: string | null = null;

  @Setting('secrets.key.previous', {
    doc: 'still decrypts what it encrypted, until `sluice secrets reencrypt` retires it',
    secret: true,
  })
  @IsOptional()
  @SecretKey()
  readonly previousKey: string | null = null;
}
