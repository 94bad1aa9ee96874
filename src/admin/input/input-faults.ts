import { Refused } from '../../low-rate/refused.js';

/** One thing that is wrong with what was sent. */
export interface InputFault {
  /** JSON pointer; of the query the name of the parameter after a slash. */
  readonly pointer: string;
  /** What it must be, without the value that was sent. */
  readonly message: string;
}

/** What is past this is counted. */
const MOST_TOLD = 20;

/** All of it at once. */
export function inputRefused(faults: readonly InputFault[]): Refused {
  const told = faults.slice(0, MOST_TOLD);
  const texts = told.map(({ pointer, message }) => (pointer === '' ? message : `${pointer} ${message}`));
  if (faults.length > told.length) texts.push(`and ${faults.length - told.length} more`);
  return new Refused('INPUT_INVALID', { message: texts.join('; '), payload: { faults: told } });
}
