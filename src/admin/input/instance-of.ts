type Read = (value: unknown) => unknown;

const reads = new WeakMap<object, Map<string, Read>>();

/** How a member is read before it is checked: a number out of the text of a query. */
export function ReadAs(read: Read): PropertyDecorator {
  return (target, key) => {
    const ofClass = reads.get(target) ?? new Map<string, Read>();
    reads.set(target, ofClass.set(String(key), read));
  };
}

function readOf(prototype: object | null, name: string): Read | undefined {
  if (prototype === null) return undefined;
  return reads.get(prototype)?.get(name) ?? readOf(Object.getPrototypeOf(prototype) as object | null, name);
}

/**
 * What was sent, as an instance of its class, for class-validator. Members are defined, never assigned: none of them can be a setter's,
 * such as `__proto__`. Nothing below them is touched: class-transformer would walk into what is free, and falls over a member named
 * `constructor` there.
 */
export function instanceOf<T extends object>(Class: new () => T, value: Readonly<Record<string, unknown>>): T {
  const input = new Class();
  for (const name of Object.keys(value)) {
    const read = readOf(Class.prototype as object, name);
    const member = read === undefined ? value[name] : read(value[name]);
    Object.defineProperty(input, name, { value: member, enumerable: true, writable: true, configurable: true });
  }
  return input;
}
