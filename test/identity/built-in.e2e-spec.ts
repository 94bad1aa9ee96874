import { describe, jest } from '@jest/globals';
import { anEmbeddedPlace } from '../storage/database-place.js';
import { builtInSuite } from './built-in-suite.js';

jest.setTimeout(60_000);

describe('the identity server in the embedded database', () => builtInSuite(anEmbeddedPlace));
