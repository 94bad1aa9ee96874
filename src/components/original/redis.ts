import { readRedisConfig } from '../../services/redis-config.js';
import { redissonOf } from '../../services/redisson.js';
import { isMembers } from '../check/members.js';
import { mapOf } from './maps.js';
import { readParameters } from './parameters.js';
import { readEach, type Reader } from './reading.js';

/** Redisson's configuration becomes a URL; written out as an object it is a text at least. */
const readConfigString: Reader = (value, reading) => {
  const text = isMembers(value) && redissonOf(value) !== null ? textOf(value) : value;
  if (text !== value) reading.foreign.add('configString: an object → a text');
  const read = readRedisConfig(text);
  if (read.kind === 'unreadable') {
    reading.fault(
      null,
      `The configuration of Redisson cannot be read as a URL: ${read.problem}. Write redis://… instead.`,
    );
  }
  if (read.kind !== 'url') return text;
  reading.foreign.add("configString: Redisson's form → a URL");
  if (read.leftOut.length > 0) {
    const more = read.leftOut.length > 5 ? `, and ${read.leftOut.length - 5} more` : '';
    reading.warning(null, `The URL says nothing of ${read.leftOut.slice(0, 5).join(', ')}${more}: without effect.`);
  }
  return read.url;
};

/** The object itself where it has no text: one that holds itself. */
function textOf(value: object): unknown {
  try {
    return JSON.stringify(value);
  } catch {
    return value;
  }
}

const readMap = mapOf({ name: 'parameters' });
const readConfig = (name: string): Reader | undefined => (name === 'configString' ? readConfigString : undefined);

/** Parameters of a service: as those of a system, with the configuration of Redis. */
export const readServiceParameters: Reader = (value, reading) =>
  readParameters(readEach(readMap(value, reading), reading, readConfig), reading);
