import type { ComponentKind } from '../../contracts/records.js';
import type { Members } from '../check/members.js';
import { fromOriginal } from './from-original.js';

/** Our names of executors, and the original's classes of them, which count by their last part. */
const EXECUTOR = /^(?:[\w$.]*\.)?(rpc|crud|kafka|rsocket|local)(?:executor)?$/i;

/**
 * A record's fields as `--normalize` stores them: in our form, and with our words for values that have two. Apart from
 * `fromOriginal`, since a record that says `A` or `RPC` is in our form already, and nobody is to be warned of it.
 */
export function normalized(kind: ComponentKind, given: Members): Members {
  const { fields } = fromOriginal(kind, given);
  return { ...fields, ...withWord(fields, 'status', ourStatus), ...withWord(fields, 'executor', ourExecutor) };
}

function withWord(fields: Members, name: string, ours: (word: string) => string): Members {
  const word = fields[name];
  return typeof word === 'string' ? { [name]: ours(word) } : {};
}

const ourStatus = (word: string): string => (word === 'A' ? 'ACTIVE' : word);

const ourExecutor = (word: string): string => EXECUTOR.exec(word)?.[1]?.toLowerCase() ?? word;
