// node scripts/pack-database.mjs FILE: packs an empty embedded database, which a first start unpacks faster than it makes one.
import { renameSync, writeFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';

const file = process.argv[2];
const database = await PGlite.create();
const packed = await database.dumpDataDir('gzip');
writeFileSync(`${file}.new`, Buffer.from(await packed.arrayBuffer()));
renameSync(`${file}.new`, file);
await database.close();
process.exit(0);
