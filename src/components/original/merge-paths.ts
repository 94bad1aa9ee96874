import { isMembers, type Members } from '../check/members.js';
import { normalRuleKey } from '../check/rule-key.js';
import { quoted } from './maps.js';
import { holds, isSame, put, type Reading } from './reading.js';

/** No request has more; a wider rule is looked for at each of them. */
const MOST_SEGMENTS = 1001;

export interface MergeOptions {
  /** The tab that the rules come from, for messages. */
  readonly tab: string;
  readonly keepsExtensions: boolean;
  readonly reading: Reading;
}

/**
 * Rules of a tab that says nothing of access (resilience, response headers), merged into those that do, by key in normal form.
 * Rules do not merge when a request is matched, so that a rule or method that only a tab names would open what a wider rule
 * protects: such a one takes over the rule that held there before.
 */
export function mergePaths(paths: Members, added: Members, options: MergeOptions): Members {
  const normalOf = (key: string): string => {
    const result = normalRuleKey(key, options.keepsExtensions);
    return 'normal' in result ? result.normal : key;
  };
  const known = new Map<string, string>();
  for (const key of Object.keys(paths)) {
    if (paths[key] !== null && !known.has(normalOf(key))) known.set(normalOf(key), key);
  }
  const merged = { ...paths };
  const seen = new Map<string, string>();
  for (const key of Object.keys(added)) {
    const rule = added[key];
    const normal = normalOf(key);
    const other = seen.get(normal);
    seen.set(normal, key);
    const at = known.get(normal) ?? other ?? key;
    if (other !== undefined) {
      options.reading.fault(at, `${quoted(other)} and ${quoted(key)} are the same path. Keep one of them.`);
    } else if (known.has(normal)) put(merged, at, mergeRule(paths[at], rule, { ...options, at, addedWins: false }));
    else if (normal.split('/', MOST_SEGMENTS + 1).length > MOST_SEGMENTS) {
      options.reading.fault(key, `The path has more than ${MOST_SEGMENTS - 1} segments. Remove it.`);
    } else {
      const cover = coverOf(normal, known);
      put(merged, key, mergeRule(cover === null ? {} : paths[cover], rule, { ...options, at, addedWins: true }));
      if (cover !== null) warnOfCover(key, cover, options);
    }
  }
  return merged;
}

function warnOfCover(key: string, cover: string, { tab, reading }: MergeOptions): void {
  reading.warning(
    key,
    `Only ${tab}.paths names this path. Its rule says who may call it as ${quoted(cover)} does. Write it out.`,
  );
}

/** The key of the rule that holds for a path without a rule of its own, or null. */
function coverOf(normal: string, known: ReadonlyMap<string, string>): string | null {
  if (normal === '*') return null;
  let path = normal.endsWith('/*') ? normal.slice(0, -2) : normal;
  while (path.lastIndexOf('/') > 0) {
    path = path.slice(0, path.lastIndexOf('/'));
    const key = known.get(`${path}/*`);
    if (key !== undefined) return key;
  }
  return known.get('*') ?? null;
}

interface RuleOptions extends MergeOptions {
  readonly at: string;
  readonly addedWins: boolean;
}

function mergeRule(rule: unknown, added: unknown, options: RuleOptions): unknown {
  if (!isMembers(added)) return options.addedWins && added !== null ? added : rule;
  if (!isMembers(rule) && rule !== null) return rule;
  const merged = isMembers(rule) ? { ...rule } : {};
  for (const name of Object.keys(added)) {
    if (name === 'methods' && isMembers(added[name])) {
      const methods = mergeMethods(merged, added[name], options);
      if (methods !== null) merged['methods'] = methods;
    } else addField(merged, name, added[name], options);
  }
  return merged;
}

function addField(merged: Members, name: string, value: unknown, { at, tab, addedWins, reading }: RuleOptions): void {
  if (value === null || value === undefined) return;
  if (addedWins || !holds(merged, name)) put(merged, name, value);
  else if (!isSame(merged[name], value)) {
    reading.warning(
      at,
      `${quoted(name)} of ${tab}.paths differs from that of paths, and is left out. Keep one of them.`,
    );
  }
}

/** The methods of a rule, found whatever their case. */
class Methods {
  readonly byKey: Members = {};
  private readonly keys = new Map<string, string>();

  constructor(written: Members) {
    for (const key of Object.keys(written)) if (written[key] !== null) this.set(key, written[key]);
  }

  get isEmpty(): boolean {
    return this.keys.size === 0;
  }

  set(name: string, method: unknown): void {
    const key = this.keys.get(name.toUpperCase()) ?? name;
    this.keys.set(name.toUpperCase(), key);
    put(this.byKey, key, method);
  }

  has(name: string): boolean {
    return this.keys.has(name.toUpperCase());
  }

  get(name: string): unknown {
    return this.byKey[this.keys.get(name.toUpperCase()) ?? name];
  }
}

/** Null where there is nothing to change. */
function mergeMethods(rule: Members, added: Members, options: RuleOptions): Members | null {
  if (holds(rule, 'methods') && !isMembers(rule['methods'])) return null;
  const own = new Methods(isMembers(rule['methods']) ? rule['methods'] : {});
  const merged = new Methods(own.byKey);
  for (const name of Object.keys(added)) {
    const method = own.has(name)
      ? mergeRule(merged.get(name), added[name], options)
      : newMethod(rule, own, { name, added: added[name] }, options);
    if (method !== undefined) merged.set(name, method);
    else {
      const message = `${options.tab}.paths names the method ${quoted(name)}, which the rule does not: it is left out.`;
      options.reading.warning(options.at, message);
    }
  }
  // A rule that names no method allows all of them; one that names some, only those.
  if (own.isEmpty && !merged.isEmpty && !merged.has('*')) merged.set('*', {});
  return merged.byKey;
}

/** Undefined where the method would be allowed by nothing but this. */
function newMethod(
  rule: Members,
  own: Methods,
  { name, added }: { readonly name: string; readonly added: unknown },
  options: RuleOptions,
): unknown {
  // They follow GET, whatever `*` says.
  if (['HEAD', 'OPTIONS'].includes(name.toUpperCase())) return undefined;
  if (own.has('*')) return mergeRule(own.get('*'), added, { ...options, addedWins: true });
  const isOpen = own.isEmpty || isSame(rule['isPublic'], true);
  return isOpen || namesAccess(added) ? added : undefined;
}

function namesAccess(method: unknown): boolean {
  return isMembers(method) && (holds(method, 'roles') || holds(method, 'isPublic'));
}
