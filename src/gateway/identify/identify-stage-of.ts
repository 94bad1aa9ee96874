import { randomUUID } from 'node:crypto';
import type { Stage } from '../stage.js';
import type { Caller } from './caller.js';
import { Guests } from './guests.js';
import { IdentifyStage, type ReadBody } from './identify.stage.js';
import { TokenChecks } from './token-checks.js';
import { VerifiedTokens } from './tokens/verified-tokens.js';

/** Tokens that are remembered: some 50 MB where each has a dozen claims. */
const MOST_TOKENS = 50_000;

/** The identify stage of one process. */
export function identifyStage(readBody: ReadBody): Stage {
  const checks = new TokenChecks(new VerifiedTokens<Caller>(MOST_TOKENS, Date.now), Date.now);
  return new IdentifyStage(checks, new Guests(Date.now, randomUUID), readBody);
}
