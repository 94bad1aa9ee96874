import { isMembers } from '../components/check/members.js';
import { mapSecrets, type Step } from '../components/map-secrets.js';
import { pointerTo } from '../components/pointer.js';
import { MASK, withoutUserInfo } from '../components/secret-names.js';
import type { ComponentKind } from '../contracts/records.js';

export interface KeptRecord {
  readonly fields: Record<string, unknown>;
  /** Masks that stand for nothing. */
  readonly problems: readonly { readonly pointer: string; readonly message: string }[];
}

export interface KeepOptions {
  readonly isSecretParameter?: (name: string) => boolean;
}

/**
 * A copy of new fields in which each mask that stands for a secret is the stored value of the same place, and each URL that
 * was shown without its user-info has it again. Items of lists are the same by id, kid, key or name, else by their index.
 * @param stored in clear, or null for a record that is new
 */
export function keepMasked(
  kind: ComponentKind,
  fields: object,
  stored: object | null,
  { isSecretParameter }: KeepOptions = {},
): KeptRecord {
  const problems: { pointer: string; message: string }[] = [];
  const kept = mapSecrets(kind, fields, {
    secret: (value, step) => {
      if (value !== MASK) return value;
      const before = storedAt(step, stored);
      if (before !== undefined && before !== null && before !== MASK) return before;
      const message = `${MASK} keeps the stored value, and nothing is stored here. Write the value itself.`;
      problems.push({ pointer: pointerOf(step), message });
      return value;
    },
    text: (value, step) => {
      if (!value.includes('://')) return value;
      const before = storedAt(step, stored);
      return typeof before === 'string' && before !== value && withoutUserInfo(before) === value ? before : value;
    },
    ...(isSecretParameter !== undefined && { isSecretParameter }),
  });
  return { fields: kept, problems };
}

/** What is stored at the place to which the steps lead; undefined where nothing is. */
function storedAt(step: Step | null, stored: unknown): unknown {
  if (step === null) return stored;
  const around = storedAt(step.before, stored);
  if (typeof step.token === 'string') {
    return isMembers(around) && Object.hasOwn(around, step.token) ? around[step.token] : undefined;
  }
  return Array.isArray(around) ? sameItem(around, step.token, step.value) : undefined;
}

const IDENTITIES = ['id', 'kid', 'key', 'name'];

function sameItem(items: readonly unknown[], index: number, item: unknown): unknown {
  const name = isMembers(item) ? IDENTITIES.find((candidate) => isIdentity(item[candidate])) : undefined;
  if (name === undefined) return items[index];
  const isSame = (other: unknown): boolean => isMembers(other) && other[name] === (item as typeof other)[name];
  return isSame(items[index]) ? items[index] : items.find(isSame);
}

const isIdentity = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && value !== '' && value !== MASK);

function pointerOf(step: Step | null): string {
  return step === null ? '' : pointerTo(pointerOf(step.before), step.token);
}
