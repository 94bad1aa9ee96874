import { AesSecretBox } from './aes-secret-box.js';
import type { KeyDeriver, SecretBox } from './secret-box.js';
import { parseSecretKey, readOrMakeKey } from './secret-key.js';

export interface OpenSecretBox {
  readonly box: SecretBox & KeyDeriver;
  /** The key stands in data.folder and in no setting. */
  readonly hasGeneratedKey: boolean;
  readonly warnings: readonly string[];
}

/**
 * The box of this process: secrets.key, or the key that stands in data.folder, made where there is none.
 * @throws Error with words for people
 */
export async function openSecretBox(given: {
  readonly key: string | null;
  readonly previousKey: string | null;
  readonly dataFolder: string;
}): Promise<OpenSecretBox> {
  const previous = given.previousKey === null ? [] : [keyOf(given.previousKey, 'secrets.key.previous')];
  if (given.key !== null) {
    const box = new AesSecretBox([keyOf(given.key, 'secrets.key'), ...previous]);
    return { box, hasGeneratedKey: false, warnings: [] };
  }
  const { key, warning } = await readOrMakeKey(given.dataFolder);
  return {
    box: new AesSecretBox([key, ...previous]),
    hasGeneratedKey: true,
    warnings: warning === undefined ? [] : [warning],
  };
}

function keyOf(text: string, name: string): Uint8Array {
  const key = parseSecretKey(text);
  if ('problem' in key) throw new Error(`${name}: ${key.problem}`);
  return key;
}
