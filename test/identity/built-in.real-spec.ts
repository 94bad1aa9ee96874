import { describe, jest } from '@jest/globals';
import { aPostgresPlace } from '../storage/database-place.js';
import { builtInSuite } from './built-in-suite.js';

jest.setTimeout(120_000);

describe('the identity server in a Postgres', () => builtInSuite(() => aPostgresPlace()));
