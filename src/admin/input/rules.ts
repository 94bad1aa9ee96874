import { ValidateBy, ValidateIf } from 'class-validator';
import { ReadAs } from './instance-of.js';
import { isObject } from './is-object.js';

/** May be left out. Null is a value like any other, and mostly a wrong one. */
export const Optional = (): PropertyDecorator => ValidateIf((_object, value) => value !== undefined);

function rule(expected: string, accepts: (value: unknown) => boolean): PropertyDecorator {
  return ValidateBy({ name: 'input', validator: { validate: accepts, defaultMessage: () => `must be ${expected}` } });
}

/** A text of at most so many characters; control characters are none that anybody means. */
export const TextOf = (most: number, { least = 1 }: { readonly least?: number } = {}): PropertyDecorator =>
  rule(
    `a text of ${least} to ${most} characters without control characters`,
    (value) =>
      typeof value === 'string' && value.length >= least && value.length <= most && !/[\p{Cc}\p{Cs}]/u.test(value),
  );

/** What is compared by its bytes alone, and told to nobody. */
export const SecretOf = (most: number): PropertyDecorator =>
  rule(
    `a text of 1 to ${most} characters`,
    (value) => typeof value === 'string' && value !== '' && value.length <= most,
  );

export const TextLike = (form: RegExp, expected: string): PropertyDecorator =>
  rule(expected, (value) => typeof value === 'string' && form.test(value));

export const Flag = (): PropertyDecorator => rule('true or false', (value) => typeof value === 'boolean');

export const OneOf = (words: readonly string[]): PropertyDecorator =>
  rule(`one of ${words.join(', ')}`, (value) => words.includes(value as string));

/** A moment to come, or null. */
export const Moment = (): PropertyDecorator =>
  rule('a moment in ISO 8601 such as 2030-01-31T12:00:00Z, or null', (value) => value === null || isMoment(value));

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const isMoment = (value: unknown): boolean =>
  typeof value === 'string' && MOMENT.test(value) && !Number.isNaN(Date.parse(value));

const MOST_PROFILE_BYTES = 16_384;

/** A JSON object, whatever is in it. */
export const Profile = (): PropertyDecorator =>
  rule(
    `a JSON object of at most ${MOST_PROFILE_BYTES} bytes`,
    (value) => isObject(value) && Buffer.byteLength(JSON.stringify(value)) <= MOST_PROFILE_BYTES,
  );

/** A whole number of a query. */
export function WholeOf(least: number, most: number): PropertyDecorator {
  const read = ReadAs((value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value));
  const check = rule(
    `a whole number from ${least} to ${most}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  );
  return (target, key) => {
    read(target, key);
    check(target, key);
  };
}

/** True or false of a query. */
export function FlagText(): PropertyDecorator {
  const read = ReadAs((value) => (value === 'true' ? true : value === 'false' ? false : value));
  const check = Flag();
  return (target, key) => {
    read(target, key);
    check(target, key);
  };
}
