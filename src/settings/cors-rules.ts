import type { CorsRules } from '../contracts/cors-rules.js';
import { ANY, originFrom, originMatcher } from './origins.js';
import type { SecuritySettings } from './security.settings.js';

/** Compiles security.cors.*; null where CORS is off. */
export function corsRulesFrom(security: SecuritySettings): CorsRules | null {
  if (!security.corsEnabled) return null;
  const { corsOrigins, corsOriginPatterns, corsCredentials } = security;
  const isOpen = corsOrigins.includes(ANY) || corsOriginPatterns.includes(ANY);
  return Object.freeze({
    isOpen,
    allowsOrigin: isOpen ? () => true : originCheck(corsOrigins, corsOriginPatterns),
    withCredentials: corsCredentials && !isOpen,
    methods: methodsFrom(security.corsMethods),
    headers: namesFrom(security.corsHeaders),
    maxAgeSeconds: security.corsMaxAgeSeconds,
  });
}

function originCheck(origins: readonly string[], patterns: readonly string[]): (origin: string) => boolean {
  const exact: ReadonlySet<string> = new Set(origins);
  const matchers = patterns.map(originMatcher);
  return (origin) =>
    // What has not the form of an origin fits no pattern: `https://evil.example/.good.example`.
    exact.has(origin) || (matchers.length > 0 && originFrom(origin) !== null && matchers.some((fits) => fits(origin)));
}

/** HEAD counts as GET (spec/components.md). */
function methodsFrom(names: readonly string[]): ReadonlySet<string> | null {
  if (names.includes(ANY)) return null;
  return new Set(names.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])));
}

function namesFrom(names: readonly string[]): ReadonlySet<string> | null {
  return names.length === 0 || names.includes(ANY) ? null : new Set(names);
}
