/** The built product's storage: its thread loads no TypeScript. Types are those of the sources. */
const built = (path: string): string => new URL(`../../dist/${path}`, import.meta.url).href;

export const { Database } = (await import(
  built('storage/database.js')
)) as typeof import('../../src/storage/database.js');
export const { LazyDatabase } = (await import(
  built('storage/lazy-database.js')
)) as typeof import('../../src/storage/lazy-database.js');
export const { ENTITIES } = (await import(
  built('storage/entities.js')
)) as typeof import('../../src/storage/entities.js');
export const { FolderLock, FolderInUse } = (await import(
  built('storage/embedded/folder-lock.js')
)) as typeof import('../../src/storage/embedded/folder-lock.js');
export const { DatabaseEdits } = (await import(
  built('components/database/database-edits.js')
)) as typeof import('../../src/components/database/database-edits.js');
export const { storedRecords, CHANGES } = (await import(
  built('components/database/stored-records.js')
)) as typeof import('../../src/components/database/stored-records.js');
export const { AesSecretBox } = (await import(
  built('secrets/aes-secret-box.js')
)) as typeof import('../../src/secrets/aes-secret-box.js');

/** What the pool of a test's own queries needs. */
export type OpenDatabase = InstanceType<typeof Database>;
export type Box = InstanceType<typeof AesSecretBox>;
