import { validateSync, type ValidationError } from 'class-validator';
import { inputRefused, type InputFault } from './input-faults.js';
import { instanceOf } from './instance-of.js';
import { isObject } from './is-object.js';

/** A name that a client chose stands in a message: no longer than this. */
const MOST_NAME = 64;
const UNKNOWN = 'is not known here';

/**
 * What was sent, as an instance of its class: nothing that the class does not name, nothing of another type.
 * @throws Refused INPUT_INVALID that names every fault
 */
export function checkedInput<T extends object>(Class: new () => T, value: unknown): T {
  if (!isObject(value)) throw inputRefused([{ pointer: '', message: 'the body must be a JSON object' }]);
  const forbidden = [...forbiddenNames(value, ''), ...classNames(value)];
  if (forbidden.length > 0) throw inputRefused(forbidden);
  const input = instanceOf(Class, value);
  const faults = faultsOf(
    validateSync(input, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true }),
    '',
  );
  if (faults.length > 0) throw inputRefused(faults);
  return input;
}

/** A member of such a name would not become one: it would change what the object is. */
function forbiddenNames(value: unknown, pointer: string): InputFault[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => forbiddenNames(item, `${pointer}/${index}`));
  if (!isObject(value)) return [];
  return Object.keys(value).flatMap((name) =>
    name === '__proto__'
      ? [{ pointer: below(pointer, name), message: 'is no name that a member may have here' }]
      : forbiddenNames(value[name], below(pointer, name)),
  );
}

/** Of what becomes an instance: the whole, and the objects in its lists. */
function classNames(value: Readonly<Record<string, unknown>>): InputFault[] {
  const places = Object.entries(value).flatMap(([name, list]) =>
    Array.isArray(list) ? list.map((item: unknown, index) => [`${below('', name)}/${index}`, item] as const) : [],
  );
  return [['', value] as const, ...places]
    .filter(([, item]) => isObject(item) && Object.hasOwn(item, 'constructor'))
    .map(([pointer]) => ({ pointer: `${pointer}/constructor`, message: UNKNOWN }));
}

function faultsOf(errors: readonly ValidationError[], pointer: string): InputFault[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const here = below(pointer, property);
    const [first] = Object.entries(constraints);
    const own = first === undefined ? [] : [{ pointer: here, message: messageOf(first) }];
    return [...own, ...faultsOf(children, here)];
  });
}

function messageOf([name, message]: readonly [string, string]): string {
  if (name === 'whitelistValidation') return UNKNOWN;
  return name === 'nestedValidation' || name === 'unknownValue' ? 'must be an object, or a text' : message;
}

function below(pointer: string, name: string): string {
  const cut = name.length > MOST_NAME ? `${name.slice(0, MOST_NAME)}…` : name;
  return `${pointer}/${cut.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
