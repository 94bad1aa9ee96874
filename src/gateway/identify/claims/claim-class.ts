import { anyValue, listValue, numberValue, plainValue, type ClaimValue } from './claim-value.js';
import { isWrittenNumber, numberText, wholeNumber } from './written-number.js';

/** Reads a value as a class wants it; null where it cannot be one. */
export type Conversion = (value: unknown) => ClaimValue | null;

export interface ClaimClass {
  readonly convert: Conversion;
  readonly isList: boolean;
}

const text: Conversion = (value) => {
  if (typeof value === 'string') return plainValue(value);
  if (typeof value === 'boolean') return plainValue(String(value));
  if (isWrittenNumber(value)) return plainValue(value.rawJSON);
  const digits = numberText(value);
  return digits === null ? null : plainValue(digits);
};

const truth: Conversion = (value) => {
  if (typeof value === 'boolean') return plainValue(value);
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return word === 'true' || word === 'false' ? plainValue(word === 'true') : null;
};

/** A number with the digits that it came with. */
const written: Conversion = (value) => {
  const digits = numberText(value);
  return digits === null ? null : numberValue(digits);
};

function whole(bits: number | null): Conversion {
  const limit = bits === null ? null : 1n << BigInt(bits - 1);
  return (value) => {
    const digits = numberText(value);
    const number = digits === null ? null : wholeNumber(digits);
    if (number === null || (limit !== null && (number < -limit || number >= limit))) return null;
    return numberValue(number.toString());
  };
}

function floating(max: number): Conversion {
  return (value) => {
    const digits = numberText(value);
    const number = digits === null ? Number.NaN : Number(digits);
    return Math.abs(number) <= max ? numberValue(JSON.stringify(number)) : null;
  };
}

const MAX_FLOAT = 3.4028234663852886e38;

/** By the last part of a name, in lower case: `java.lang.Integer`, `Integer` and `integer` are one. */
const SINGLE: ReadonlyMap<string, Conversion> = new Map([
  ['string', text],
  ['boolean', truth],
  ['number', written],
  ['bigdecimal', written],
  ['biginteger', whole(null)],
  ['byte', whole(8)],
  ['short', whole(16)],
  ['int', whole(32)],
  ['integer', whole(32)],
  ['long', whole(64)],
  ['float', floating(MAX_FLOAT)],
  ['double', floating(Number.MAX_VALUE)],
  ['object', anyValue],
]);
const LISTS = new Set(['list', 'arraylist', 'linkedlist', 'collection', 'set', 'hashset', 'array']);
/** Arrays of Java's own types, as the virtual machine names them. */
const VIRTUAL_MACHINE = { Z: 'boolean', B: 'byte', S: 'short', I: 'int', J: 'long', F: 'float', D: 'double' };

const MAX_NAME_LENGTH = 200;

/** The class of that name; null for one that is not known. Without a name values stay as they are. */
export function claimClass(name: string | undefined): ClaimClass | null {
  if (name === undefined || name === '') return { convert: anyValue, isList: false };
  return name.length > MAX_NAME_LENGTH ? null : named(name.trim());
}

function named(name: string): ClaimClass | null {
  if (name.endsWith('[]')) return listOf(named(name.slice(0, -2).trim()));
  if (name.startsWith('[')) return listOf(named(machineItem(name.slice(1))));
  const generic = name.indexOf('<');
  if (generic !== -1 && name.endsWith('>'))
    return LISTS.has(lastPart(name.slice(0, generic))) ? listOf(named(name.slice(generic + 1, -1).trim())) : null;
  const short = lastPart(name);
  if (LISTS.has(short)) return listOf({ convert: anyValue, isList: false });
  const convert = SINGLE.get(short);
  return convert === undefined ? null : { convert, isList: false };
}

function machineItem(name: string): string {
  if (name.startsWith('L') && name.endsWith(';')) return name.slice(1, -1);
  return name.startsWith('[') ? name : (VIRTUAL_MACHINE[name as 'Z'] ?? '');
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase();
}

/** A single value is a list of one; a list with one item that cannot be converted cannot be as a whole. */
function listOf(item: ClaimClass | null): ClaimClass | null {
  if (item === null) return null;
  return {
    isList: true,
    convert(value) {
      const items: ClaimValue[] = [];
      for (const given of Array.isArray(value) ? (value as unknown[]) : [value]) {
        const converted = item.convert(given);
        if (converted === null) return null;
        items.push(converted);
      }
      return listValue(items);
    },
  };
}
