import { Transform } from 'class-transformer';
import { ValidateBy, type ValidationArguments } from 'class-validator';
import { isAddressRange } from './addresses.js';
import { noteExpectation } from './setting.decorator.js';

/** Longest delay that a timer of Node takes; a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2_147_483_647;

interface Kind {
  readonly expected: string;
  /** Turns the text or list of a source into the value of the field; what it cannot turn it leaves for `accepts` to refuse. */
  readonly read: (value: unknown) => unknown;
  readonly accepts: (value: unknown) => boolean;
  /** A better reason than `expected` for one value. */
  readonly reason?: (value: unknown) => string | null;
}

function kind({ expected, read, accepts, reason }: Kind): PropertyDecorator {
  const message = ({ value }: ValidationArguments): string => reason?.(value) ?? `expected ${expected}`;
  const convert = Transform(({ value }: { value: unknown }) => read(value), { toClassOnly: true });
  const check = ValidateBy({
    name: 'setting',
    validator: { validate: accepts, defaultMessage: (args) => message(args!) },
  });
  return (target, key) => {
    noteExpectation(target, key, expected);
    convert(target, key);
    check(target, key);
  };
}

const text = (value: unknown): unknown => (typeof value === 'string' ? value.trim() : value);

/** The words that Spring takes for a boolean, too; undefined for any other text. */
export function booleanFrom(value: unknown): boolean | undefined {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (word === true || word === 'true' || word === 'on' || word === 'yes' || word === '1') return true;
  if (word === false || word === 'false' || word === 'off' || word === 'no' || word === '0') return false;
  return undefined;
}

export const Flag = (): PropertyDecorator =>
  kind({
    expected: 'true or false',
    read: (value) => booleanFrom(value) ?? value,
    accepts: (value) => typeof value === 'boolean',
  });

/** A whole number between the bounds, both included, or -1 where that has a meaning of its own. */
export function Whole(min: number, max: number = Number.MAX_SAFE_INTEGER, minusOne?: string): PropertyDecorator {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return kind({
    expected: `a whole number ${range}` + (minusOne === undefined ? '' : `, or -1 (${minusOne})`),
    read: (value) => (typeof value === 'string' && /^\s*[+-]?\d{1,16}\s*$/.test(value) ? Number(value) : value),
    accepts: (value) =>
      Number.isSafeInteger(value) &&
      ((minusOne !== undefined && value === -1) || ((value as number) >= min && (value as number) <= max)),
  });
}

/** One of the words, in any case. `notYet` holds words of the contract that this release cannot serve. */
export function Choice(
  words: readonly string[],
  { notYet = [], alias = (word) => word }: { notYet?: readonly string[]; alias?: (word: string) => string } = {},
): PropertyDecorator {
  return kind({
    expected: words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} or ${words.at(-1)!}`,
    read: (value) => (typeof value === 'string' ? alias(value.trim()).toLowerCase() : value),
    accepts: (value) => words.includes(value as string),
    reason: (value) =>
      notYet.includes(value as string)
        ? `"${value as string}" is not built yet; this release has ${words.join(', ')}`
        : null,
  });
}

/** Text of a form. Empty text is no value: the field becomes null, which only fields with IsOptional accept. */
export function Text(form: RegExp, expected: string): PropertyDecorator {
  return kind({
    expected,
    read: (value) => (text(value) === '' ? null : text(value)),
    accepts: (value) => typeof value === 'string' && form.test(value),
  });
}

/** Any text without control characters, such as a path. */
export const PlainText = (): PropertyDecorator => Text(/^[^\p{Cc}]{1,4096}$/u, 'text');

export const HeaderName = (): PropertyDecorator => Text(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/, 'the name of a header');

/** A setting that may be a list: of a list, or of text with commas. */
export function listFrom(value: unknown): unknown {
  const parts = Array.isArray(value) ? (value as unknown[]) : [value];
  if (!parts.every((part) => typeof part === 'string')) return value;
  return parts
    .flatMap((part) => part.split(','))
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** A list of parts that have a form: `partFrom` gives the normal form of one, null where it has none. */
export function ListOf(expected: string, partFrom: (part: string) => string | null): PropertyDecorator {
  const refused = (value: unknown): string | undefined =>
    Array.isArray(value) ? (value as string[]).find((part) => partFrom(part) === null) : undefined;
  return kind({
    expected,
    read: (value) => {
      const parts = listFrom(value);
      return Array.isArray(parts) ? (parts as string[]).map((part) => partFrom(part) ?? part) : value;
    },
    accepts: (value) => Array.isArray(value) && refused(value) === undefined,
    reason: (value) => {
      const part = refused(value);
      return part === undefined ? null : `expected ${expected}; ${JSON.stringify(part)} is not`;
    },
  });
}

export const AddressList = (): PropertyDecorator =>
  kind({
    expected: 'addresses or CIDR ranges such as 10.0.0.0/8, with commas between them',
    read: listFrom,
    accepts: (value) => Array.isArray(value) && value.every((part) => isAddressRange(part as string)),
  });

/** The members of a family `name.*`: texts by what stands for the star. */
export function TextMap(options: {
  readonly expected: string;
  readonly accepts: (name: string, value: string) => boolean;
}): PropertyDecorator {
  const { expected, accepts } = options;
  const refused = (value: unknown): string | undefined =>
    Object.entries(value as Record<string, unknown>).find(
      ([name, text]) => typeof text !== 'string' || !accepts(name, text),
    )?.[0];
  return kind({
    expected,
    read: (value) => value,
    accepts: (value) => refused(value) === undefined,
    reason: (value) => `expected ${expected}; ${JSON.stringify(refused(value))} is not`,
  });
}

/** A kind of which only one setting exists. */
export const Custom = (rule: Kind): PropertyDecorator => kind(rule);
