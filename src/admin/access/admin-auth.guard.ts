import { Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Refused } from '../../low-rate/refused.js';
import type { Administrator } from '../administrator.js';
import { KEY_STRATEGY } from './admin-key.strategy.js';
import { TOKEN_STRATEGY } from './admin-token.strategy.js';

/** Lets in administrators, by token or by API key, and leaves who it is with the request. */
@Injectable()
export class AdminAuthGuard extends AuthGuard([TOKEN_STRATEGY, KEY_STRATEGY]) {
  /** @throws Refused with the word of the contract; IdentityFault where the database cannot be asked */
  override handleRequest<T = Administrator>(error: unknown, found: T | false, info: unknown): T {
    if (error !== null && error !== undefined) throw error as Error;
    if (found) return found;
    throw new Refused(wordFor(info), { cause: causeOf(info) });
  }
}

export const administratorOf = (context: ExecutionContext): Administrator =>
  context.switchToHttp().getRequest<FastifyRequest & { readonly user: Administrator }>().user;

/** What each strategy missed: an error where there was something to look at. */
const missed = (info: unknown): readonly Error[] =>
  (Array.isArray(info) ? (info as unknown[]) : [info]).filter((each): each is Error => each instanceof Error);

/** passport-jwt's own words for a request without a token. */
const NO_TOKEN = 'No auth token';

function wordFor(info: unknown): 'TOKEN_MISSING' | 'TOKEN_EXPIRED' | 'TOKEN_INVALID' {
  const reasons = missed(info).filter(({ message }) => message !== NO_TOKEN);
  if (reasons.length === 0) return 'TOKEN_MISSING';
  return reasons.some(({ name }) => name === 'TokenExpiredError') ? 'TOKEN_EXPIRED' : 'TOKEN_INVALID';
}

const causeOf = (info: unknown): string =>
  missed(info)
    .map(({ message }) => message)
    .join('; ');
