import { describe, jest } from '@jest/globals';
import { aPostgresPlace } from './database-place.js';
import { databaseSuite } from './database-suite.js';

jest.setTimeout(60_000);

describe('a Postgres', () => databaseSuite(() => aPostgresPlace()));
