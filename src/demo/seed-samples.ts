import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { storedRecords } from '../components/database/stored-records.js';
import type { Members } from '../components/check/members.js';
import { parseFile, recordsOf } from '../components/files/record-file.js';
import { scanFolder } from '../components/files/scan-folder.js';
import type { LazyDatabase } from '../storage/lazy-database.js';
import { SAMPLE_COMPONENTS } from './sample-folder.js';
import { seedSampleUsers } from './seed-sample-users.js';

/** Writes the sample components and users into a database that never held components. True where it did. */
export async function seedSamples(database: LazyDatabase): Promise<boolean> {
  return database.transaction(async (manager) => {
    await manager.query('LOCK TABLE components IN SHARE ROW EXCLUSIVE MODE');
    // Whoever deleted them all does not want them back.
    if ((await storedRecords.revision(manager)) !== '0') return false;
    const { files } = await scanFolder(SAMPLE_COMPONENTS);
    for (const { path, kind } of files.values()) {
      const parsed = parseFile(await readFile(path, 'utf8'), extname(path) === '.json');
      const records = recordsOf(parsed.value, kind).map((written) => {
        const { id, data, ...flat } = written.value as Members;
        return { kind: written.kind, id: id as string, fields: (data ?? flat) as Members };
      });
      await storedRecords.write(manager, records);
    }
    await seedSampleUsers({ rows: (sql, values) => manager.query(sql, values) });
    return true;
  });
}
