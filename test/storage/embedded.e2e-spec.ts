import { describe, jest } from '@jest/globals';
import { anEmbeddedPlace } from './database-place.js';
import { databaseSuite } from './database-suite.js';

jest.setTimeout(60_000);

describe('the embedded database', () => databaseSuite(anEmbeddedPlace));
