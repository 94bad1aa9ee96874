import { rollBehind } from './rolls.mjs';

export const name = 'rolling-haproxy';

export const prove = (given) => rollBehind('haproxy', given);
