import type { Choice, Findings } from './chosen-settings.js';
import { shown } from './faults.js';
import { ANY, isOpenEnded } from './origins.js';
import { booleanFrom, listFrom } from './setting-kinds.js';

const LISTS = ['security.cors.allowed.origins', 'security.cors.allowed.originPatterns'] as const;

/** What the settings for browsers (CORS, CSRF) say together. */
export function checkBrowsers(choice: Choice, found: Findings): void {
  checkCors(choice, found);
  const isOn = (name: string): boolean => booleanFrom(choice.chosen.get(name)?.value) === true;
  if (isOn('security.csrf.cookie') && !isOn('security.csrf.enabled'))
    found.warnings.push('security.csrf.cookie has no effect without security.csrf.enabled');
}

function checkCors({ chosen }: Choice, { faults, warnings }: Findings): void {
  if (booleanFrom(chosen.get('security.cors.enabled')?.value) !== true) return;
  const hasCredentials = booleanFrom(chosen.get('security.cors.credentials')?.value) ?? true;
  const isAnyOrigin = LISTS.some((name) => partsOf(chosen.get(name)?.value).includes(ANY));
  for (const name of LISTS) {
    const given = chosen.get(name);
    if (given === undefined || !hasCredentials || !partsOf(given.value).includes(ANY)) continue;
    const problem =
      'lets every site call with the cookies of its visitors: list the origins, or set security.cors.credentials to false';
    faults.push({ property: name, value: shown(given.value), problem, source: given.source });
  }
  if (isAnyOrigin) return;
  const patterns = partsOf(chosen.get(LISTS[1])?.value);
  if (patterns.length + partsOf(chosen.get(LISTS[0])?.value).length === 0)
    warnings.push(`security.cors.enabled without ${LISTS.join(' or ')}: no other origin may call`);
  for (const pattern of patterns)
    if (isOpenEnded(pattern))
      warnings.push(`${LISTS[1]}: ${JSON.stringify(pattern)} lets in hosts that anybody can have`);
}

function partsOf(value: unknown): readonly string[] {
  const parts = value === undefined ? [] : listFrom(value);
  return Array.isArray(parts) ? (parts as string[]) : [];
}
