import type { Exchange } from '../exchange.js';
import { refusal, type Stage, type Verdict } from '../stage.js';
import { TOKEN_MISSING } from '../identify/token-refusals.js';

const ROLE_MISSING = refusal('ROLE_MISSING');

/**
 * Lets through users with one of the roles; without any, or with `*` among them, every user (spec/components.md). A guest has not
 * logged in: it needs a role that the rule names.
 */
export function rolesStage(roles: readonly string[]): Stage {
  const named = new Set(roles.filter((role) => role !== '*'));
  const takesAll = named.size === 0 || named.size < roles.length;
  const run = (exchange: Exchange): Verdict => {
    const { caller } = exchange;
    if (caller === null) return TOKEN_MISSING;
    if (takesAll && !caller.isGuest) return null;
    for (const role of caller.applied.roles) if (named.has(role)) return null;
    return caller.isGuest ? TOKEN_MISSING : ROLE_MISSING;
  };
  return { name: `roles ${takesAll ? '*' : ''}${[...named].sort().join(',')}`, run, peek: run };
}
