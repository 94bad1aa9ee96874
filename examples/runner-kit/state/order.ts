import { numberText, type Json } from '../json.js';

/** Compares numbers by their spelling, so that whole ones past 2^53 do not become equal. */
export function compareNumbers(left: string, right: string): number {
  const areWhole = WHOLE.test(left) && WHOLE.test(right);
  const [a, b] = areWhole ? [BigInt(left), BigInt(right)] : [Number(left), Number(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}
/** Bounded, since BigInt takes more than linear time for very long ones. */
const WHOLE = /^-?\d{1,100}$/;

/** The order of a list: numbers, texts, booleans, anything else; what is missing or null stands last in both directions. */
export function compareValues(left: Json | undefined, right: Json | undefined, isDescending: boolean): number {
  const ranks = rank(left) - rank(right);
  if (rank(left) === MISSING || rank(right) === MISSING) return ranks;
  return (isDescending ? -1 : 1) * (ranks === 0 ? compareAlike(left, right) : ranks);
}

function compareAlike(left: Json | undefined, right: Json | undefined): number {
  const [a, b] = [numberText(left), numberText(right)];
  if (a !== null && b !== null) return compareNumbers(a, b);
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  return Number(left === true) - Number(right === true);
}

const MISSING = 4;
function rank(value: Json | undefined): number {
  if (value === undefined || value === null) return MISSING;
  if (numberText(value) !== null) return 0;
  return typeof value === 'string' ? 1 : typeof value === 'boolean' ? 2 : 3;
}
