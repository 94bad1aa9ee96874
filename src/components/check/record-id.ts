import type { ComponentKind } from '../../contracts/records.js';

// Control, format, private and unassigned characters and line separators print as nothing, or as something else.
const USABLE = /^[^\p{C}\p{Zl}\p{Zp}/]{1,128}$/u;
const PLAIN = /^[A-Za-z0-9_.-]+$/;

/** What is wrong with an id: a fault, a warning, or null. */
export function idProblem(
  kind: ComponentKind,
  id: string,
): { readonly severity: 'fault' | 'warning'; readonly message: string } | null {
  if (!USABLE.test(id)) {
    const message =
      'The id cannot be used: 1 to 128 printable characters without a slash are expected. Choose another one.';
    return { severity: 'fault', message };
  }
  if (kind === 'channel' && id === 'full') {
    const message = 'The id full is taken by /api/request/full of the gateway itself. Choose another one.';
    return { severity: 'fault', message };
  }
  if (PLAIN.test(id)) return null;
  const message =
    'The id holds more than letters, digits, _, - and .; clients must encode it in URLs. Consider a plainer one.';
  return { severity: 'warning', message };
}

/** A record with `@` in its id is a branch's copy: none of ours, and no mistake either. */
export function isBranchCopy(id: string): boolean {
  return id.includes('@');
}
