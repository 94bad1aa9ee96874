import { describe, jest } from '@jest/globals';
import { anEmbeddedPlace } from '../storage/database-place.js';
import { rateStoreSuite } from './rate-store-suite.js';
import { aDatabasePlace, aModelPlace } from './store-places.js';

jest.setTimeout(60_000);

describe('rates in the embedded database', () => rateStoreSuite(async () => aDatabasePlace(await anEmbeddedPlace())));
describe('the model of a store of rates', () => rateStoreSuite(aModelPlace));
