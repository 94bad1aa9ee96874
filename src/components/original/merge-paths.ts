import { isMembers, type Members } from '../check/members.js';
import { normalRuleKey } from '../check/rule-key.js';
import { holds, isSame, put, type Reading } from './reading.js';

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
      options.reading.fault(
        at,
        `${JSON.stringify(other)} and ${JSON.stringify(key)} are the same path. Keep one of them.`,
      );
    } else if (known.has(normal)) put(merged, at, mergeRule(paths[at], rule, { ...options, at, addedWins: false }));
    else {
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
    `Only ${tab}.paths names this path. Its rule says who may call it as ${JSON.stringify(cover)} does. Write it out.`,
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
    reading.warning(at, `${name} of ${tab}.paths differs from that of paths, and is left out. Keep one of them.`);
  }
}

/** Null where there is nothing to change. */
function mergeMethods(rule: Members, added: Members, options: RuleOptions): Members | null {
  if (holds(rule, 'methods') && !isMembers(rule['methods'])) return null;
  const written = isMembers(rule['methods']) ? rule['methods'] : {};
  const own = Object.fromEntries(Object.entries(written).filter(([, method]) => method !== null));
  const namesNone = Object.keys(own).length === 0;
  const merged = { ...own };
  for (const name of Object.keys(added)) {
    const key = keyOf(own, name) ?? name;
    const method = mergeMethod(rule, own, { name, added: added[name] }, options);
    if (method !== undefined) put(merged, key, method);
    else {
      const message = `${options.tab}.paths names the method ${JSON.stringify(name)}, which the rule does not: it is left out.`;
      options.reading.warning(options.at, message);
    }
  }
  // A rule that names no method allows all of them; one that names some, only those.
  if (namesNone && keyOf(merged, '*') === null && Object.keys(merged).length > 0) merged['*'] = {};
  return merged;
}

/** Undefined where the method would be allowed by nothing but this. */
function mergeMethod(
  rule: Members,
  own: Members,
  { name, added }: { readonly name: string; readonly added: unknown },
  options: RuleOptions,
): unknown {
  const key = keyOf(own, name);
  if (key !== null) return mergeRule(own[key], added, options);
  // They follow GET, whatever `*` says.
  if (['HEAD', 'OPTIONS'].includes(name.toUpperCase())) return undefined;
  const any = keyOf(own, '*');
  if (any !== null) return mergeRule(own[any], added, { ...options, addedWins: true });
  const isOpen = Object.keys(own).length === 0 || String(rule['isPublic']) === 'true';
  return isOpen || namesAccess(added) ? added : undefined;
}

function keyOf(methods: Members, name: string): string | null {
  return Object.keys(methods).find((key) => key.toUpperCase() === name.toUpperCase()) ?? null;
}

function namesAccess(method: unknown): boolean {
  return isMembers(method) && (holds(method, 'roles') || holds(method, 'isPublic'));
}
