import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { AesSecretBox } from './built.js';
import { KEY, OTHER_KEY, type DatabasePlace } from './database-place.js';
import { aSystem, editsOn } from './edits-suite.js';

/** Which keys may open a database. */
export function keysSuite(aPlace: () => Promise<DatabasePlace>): void {
  let place: DatabasePlace;
  beforeEach(async () => {
    place = await aPlace();
  });
  afterEach(() => place.remove());

  const opened = async (keys: readonly [Buffer, ...Buffer[]], hasGeneratedKey = false): Promise<string[]> => {
    const database = place.open({ box: new AesSecretBox(keys), hasGeneratedKey });
    try {
      const source = await database.open();
      const rows: { fingerprint: string }[] = await source.query('SELECT fingerprint FROM encryption_keys');
      return rows.map(({ fingerprint }) => fingerprint).sort();
    } finally {
      await database.close();
    }
  };
  const [first, second] = [new AesSecretBox([KEY]).fingerprint, new AesSecretBox([OTHER_KEY]).fingerprint];

  it('the first key is remembered, and another is refused', async () => {
    expect(await opened([KEY])).toEqual([first]);
    expect(await opened([KEY])).toEqual([first]);
    await expect(opened([OTHER_KEY])).rejects.toThrow(
      `The database holds secrets that were sealed with the key ${first}, and this gateway has ${second}. Set secrets.key to`,
    );
    expect(await opened([KEY])).toEqual([first]);
  });
  it('a key changes beside the one before, which is let go once all is sealed anew', async () => {
    expect(await opened([KEY])).toEqual([first]);
    const both = new AesSecretBox([OTHER_KEY, KEY]);
    expect(await opened([OTHER_KEY, KEY])).toEqual([first, second].sort());
    await expect(opened([OTHER_KEY])).rejects.toThrow('secrets.key.previous');
    const database = place.open({ box: both });
    await editsOn(database, both).apply([aSystem('a', { token: 'hush' })]);
    await editsOn(database, both).reencrypt();
    await database.close();
    expect(await opened([OTHER_KEY])).toEqual([second]);
    await expect(opened([KEY])).rejects.toThrow(first);
  });
  it('a generated key that is not that of the others is told where theirs stands', async () => {
    expect(await opened([KEY], true)).toEqual([first]);
    expect(await opened([KEY], true)).toEqual([first]);
    await expect(opened([OTHER_KEY], true)).rejects.toThrow(
      place.isShared
        ? /generated in this gateway's data.folder.*set secrets.key to one key for all replicas/
        : /Set secrets.key to the key that sealed them/,
    );
  });
}
