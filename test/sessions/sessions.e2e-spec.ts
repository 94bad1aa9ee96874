import { describe, jest } from '@jest/globals';
import { anEmbeddedPlace } from '../storage/database-place.js';
import { sessionStormSuite } from './session-storm-suite.js';
import { sessionsSuite } from './sessions-suite.js';

jest.setTimeout(60_000);

describe('the session server in the embedded database', () => sessionsSuite(anEmbeddedPlace));
describe('many sessions in the embedded database', () => sessionStormSuite(anEmbeddedPlace, 1000));
