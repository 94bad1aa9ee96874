import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { inputRefused, type InputFault } from './input-faults.js';

/** A name that a client chose stands in a message: no longer than this. */
const MOST_NAME = 64;

/**
 * What was sent, as an instance of its class: nothing that the class does not name, nothing of another type.
 * @throws Refused INPUT_INVALID that names every fault
 */
export function checkedInput<T extends object>(Class: new () => T, value: unknown): T {
  if (!isObject(value)) throw inputRefused([{ pointer: '', message: 'the body must be a JSON object' }]);
  const forbidden = forbiddenNames(value, '');
  if (forbidden.length > 0) throw inputRefused(forbidden);
  const input = plainToInstance(Class, value);
  const faults = faultsOf(
    validateSync(input, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true }),
    '',
  );
  if (faults.length > 0) throw inputRefused(faults);
  return input;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

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

function faultsOf(errors: readonly ValidationError[], pointer: string): InputFault[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const here = below(pointer, property);
    const [first] = Object.entries(constraints);
    const own = first === undefined ? [] : [{ pointer: here, message: messageOf(first) }];
    return [...own, ...faultsOf(children, here)];
  });
}

function messageOf([name, message]: readonly [string, string]): string {
  if (name === 'whitelistValidation') return 'is not known here';
  return name === 'nestedValidation' ? 'must be a list of objects or texts' : message;
}

function below(pointer: string, name: string): string {
  const cut = name.length > MOST_NAME ? `${name.slice(0, MOST_NAME)}…` : name;
  return `${pointer}/${cut.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
