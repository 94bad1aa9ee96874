import { compile, TreeInterpreter } from '@jmespath-community/jmespath';
import { badInput } from '../identity-faults.js';
import { isMembers, type Members } from './event-members.js';

/** What a pattern reads: claims of the access token, the user, and the API key where one came. */
export interface Resolved {
  readonly access: Members;
  readonly user: Members | null;
  readonly key: Members | null;
}

type Expression = ReturnType<typeof compile>;
const BY_DEFAULT = '{user: {id: access.sub, roles: access.roles}}';
/** Patterns come from records: a few, and the same ones. */
const MOST_PATTERNS = 100;

/** What is told of a user, by a JMESPath (spec/identity.md, "Per call"). Expressions are compiled once. */
export class ResolvePatterns {
  private readonly known = new Map<string, Expression>();

  /** @param pattern null: the default. @throws IdentityFault 10011 where it is no JMESPath, or makes no object */
  apply(pattern: string | null, resolved: Resolved): Members {
    const expression = this.expression(pattern ?? BY_DEFAULT);
    let made: unknown;
    try {
      made = TreeInterpreter.search(expression, resolved as never);
    } catch {
      throw badInput('resolvePattern fails on this user');
    }
    if (!isMembers(made)) throw badInput('resolvePattern makes no object');
    return made;
  }

  private expression(pattern: string): Expression {
    const known = this.known.get(pattern);
    if (known !== undefined) return known;
    const compiled = compiledOrFault(pattern);
    if (this.known.size >= MOST_PATTERNS) this.known.clear();
    this.known.set(pattern, compiled);
    return compiled;
  }
}

function compiledOrFault(pattern: string): Expression {
  try {
    return compile(pattern);
  } catch {
    throw badInput('resolvePattern is no JMESPath');
  }
}
