import { describe, jest } from '@jest/globals';
import { anEmbeddedPlace } from './database-place.js';
import { tokenLedgerSuite } from './token-ledger-suite.js';

jest.setTimeout(60_000);

describe('the ledger of tokens in the embedded database', () => tokenLedgerSuite(anEmbeddedPlace));
