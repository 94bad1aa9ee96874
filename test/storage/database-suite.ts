import { describe } from '@jest/globals';
import type { DatabasePlace } from './database-place.js';
import { editsSuite } from './edits-suite.js';
import { engineSuite } from './engine-suite.js';
import { keysSuite } from './keys-suite.js';
import { schemaSuite } from './schema-suite.js';

/** What holds of a database, whether it is embedded or a server's: both run the same tests. */
export function databaseSuite(aPlace: () => Promise<DatabasePlace>): void {
  describe('as an engine', () => engineSuite(aPlace));
  describe('its schema', () => schemaSuite(aPlace));
  describe('edits of components', () => editsSuite(aPlace));
  describe('its keys', () => keysSuite(aPlace));
}
