import { depthOf } from './normal-path.js';

/**
 * Rules of paths: the most specific one wins, that is exact, then the longest `/*` prefix, then `*`; rules do not merge
 * (spec/components.md). Looking one up costs a hash per level of the path at the most, however many rules there are.
 */
export class PathRules<R> {
  private readonly exact = new Map<string, R>();
  private readonly below = new Map<string, R>();
  private deepest = 0;
  private any: R;

  /** `fallback` serves where no rule matches. Keys are in normal form: `/product`, `/product/*`, `*`. */
  constructor(rules: Iterable<readonly [string, R]>, fallback: R) {
    this.any = fallback;
    for (const [key, rule] of rules) {
      if (key === '*' || key === '/*') this.any = rule;
      else if (key.endsWith('/*')) {
        const prefix = key.slice(0, -2);
        this.below.set(prefix, rule);
        this.deepest = Math.max(this.deepest, depthOf(prefix));
      } else this.exact.set(key, rule);
    }
  }

  /** @param path normal form, with a leading slash */
  find(path: string): R {
    const exact = this.exact.get(path);
    if (exact !== undefined) return exact;
    return this.deepest === 0 ? this.any : this.findBelow(path);
  }

  private findBelow(path: string): R {
    // Only as deep as the deepest rule reaches: a path of a thousand segments costs no more than that.
    const ends: number[] = [];
    let end = path.indexOf('/', 1);
    while (end !== -1 && ends.length < this.deepest) {
      ends.push(end);
      end = path.indexOf('/', end + 1);
    }
    for (let index = ends.length - 1; index >= 0; index--) {
      const rule = this.below.get(path.slice(0, ends[index]));
      if (rule !== undefined) return rule;
    }
    return this.any;
  }
}

/** A rule's key as a record has it, in normal form: `product` and `/product` are the same. */
export function normalRuleKey(key: string): string {
  if (key === '*') return key;
  return key.startsWith('/') ? key : `/${key}`;
}
