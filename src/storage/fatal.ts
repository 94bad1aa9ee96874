import { FolderInUse } from './embedded/folder-lock.js';
import { WrongSecretsKey } from './wrong-secrets-key.js';

/** Whoever starts with it must mend something first: trying again changes nothing. */
export function isFatal(error: unknown): error is FolderInUse | WrongSecretsKey {
  return error instanceof FolderInUse || error instanceof WrongSecretsKey;
}
