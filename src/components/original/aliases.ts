import { isMembers } from '../check/members.js';
import { mapOf } from './maps.js';
import { placeOf } from './place.js';
import { holds, type Reader } from './reading.js';

const NAMES = { targetPath: 'target', value: 'target' };
const KEYS = { key: 'alias', path: 'alias', name: 'alias' };
const OPTIONS = {
  tabs: ['value'],
  parts: { headerMap: mapOf({ name: 'headerMap', keys: ['headerKey'], values: ['headerValue'] }) },
};
const readNamed = placeOf({ ...OPTIONS, names: NAMES });
const readKeyed = placeOf({ ...OPTIONS, names: { ...NAMES, ...KEYS } });

const readAlias: Reader = (value, reading) =>
  (isMembers(value) && holds(value, 'alias') ? readNamed : readKeyed)(value, reading);

/** Aliases are a list in ours; a map of them is alias → target, or alias → the rest of it. */
export const readAliases: Reader = (value, reading) => {
  if (isMembers(value)) {
    reading.foreign.add('aliases: a map → a list');
    const list = Object.keys(value).map((alias) => {
      const rest = value[alias];
      return isMembers(rest) ? { ...rest, alias } : { alias, target: rest };
    });
    return list.map((item, index) => reading.below(index, readAlias, item));
  }
  if (!Array.isArray(value)) return value;
  const written: readonly unknown[] = value;
  const items = written.map((item, index) => reading.below(index, readAlias, item));
  return items.some((item, index) => item !== written[index]) ? items : written;
};
