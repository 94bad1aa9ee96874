import { pointerTo } from '../pointer.js';
import { checkResponseHeaders } from './headers.js';
import { isMembers, type Members, membersOf } from './members.js';
import type { RecordCheck } from './record-check.js';
import { normalRuleKey } from './rule-key.js';

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', '*']);
const IDLE_METHODS: Readonly<Record<string, string>> = {
  HEAD: 'HEAD counts as GET',
  OPTIONS: 'OPTIONS is answered by the gateway itself',
};

/** Brings the keys of a record's path rules and of their methods into normal form, in place, and checks the headers on the way. */
export function normalizePaths(
  record: Members,
  check: RecordCheck,
  options: { readonly keepsExtensions: boolean },
): void {
  if (!isMembers(record['paths'])) return;
  const rules: Members = {};
  const writtenAs = new Map<string, string>();
  for (const [key, rule] of Object.entries(record['paths'])) {
    const result = normalRuleKey(key, options.keepsExtensions);
    if ('problem' in result) {
      check.fault(pointerTo('/paths', key), `${JSON.stringify(key)} is no key of a path rule: ${result.problem}.`);
      continue;
    }
    const other = writtenAs.get(result.normal);
    if (other !== undefined) {
      check.fault(
        pointerTo('/paths', key),
        `${JSON.stringify(other)} and ${JSON.stringify(key)} are the same path, ${result.normal}. Keep one rule for it.`,
      );
    }
    writtenAs.set(result.normal, key);
    normalizeRule(rule, key, check);
    rules[result.normal] = rule;
  }
  record['paths'] = rules;
}

function normalizeRule(rule: unknown, key: string, check: RecordCheck): void {
  if (!isMembers(rule) || (rule['responseHeaders'] === undefined && rule['methods'] === undefined)) return;
  const pointer = pointerTo('/paths', key);
  if (rule['responseHeaders'] !== undefined)
    checkResponseHeaders(rule['responseHeaders'], `${pointer}/responseHeaders`, check);
  if (isMembers(rule['methods'])) rule['methods'] = normalMethods(rule['methods'], `${pointer}/methods`, check);
}

function normalMethods(methods: Members, pointer: string, check: RecordCheck): Members {
  const normal: Members = {};
  for (const [name, rule] of membersOf(methods)) {
    const at = pointerTo(pointer, name);
    const method = name.toUpperCase();
    const idle = IDLE_METHODS[method];
    if (idle !== undefined) check.warning(at, `A rule for ${method} has no effect: ${idle}. Remove it.`);
    else if (!METHODS.has(method)) {
      check.fault(
        at,
        `${JSON.stringify(name)} is no method of a path rule: GET, POST, PUT, PATCH, DELETE or * are expected. Correct or remove it.`,
      );
    }
    if (Object.hasOwn(normal, method)) check.fault(at, `${method} is named twice. Keep one rule for it.`);
    if (isMembers(rule) && rule['responseHeaders'] !== undefined)
      checkResponseHeaders(rule['responseHeaders'], `${at}/responseHeaders`, check);
    normal[method] = rule;
  }
  return normal;
}
