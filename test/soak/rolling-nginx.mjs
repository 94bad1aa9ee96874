import { rollBehind } from './rolls.mjs';

export const name = 'rolling-nginx';

export const prove = (given) => rollBehind('nginx', given);
