import type { BackendState, BackendStates, InstanceState } from '../contracts/backends.js';

/** A backend in health details: short, and what is wrong first. */
export interface ShownBackend {
  readonly system: string;
  readonly discovery: string | null;
  readonly discoveryUp: boolean;
  readonly inService: number;
  readonly total: number;
  readonly pending: number;
  readonly instances: readonly InstanceState[];
}

const MOST_BACKENDS = 200;
const MOST_INSTANCES = 50;

/** Those with more to tell than that they are there: balanced ones, and what is wrong. */
export function shownBackends(states: BackendStates): readonly ShownBackend[] {
  const all = states.backends(MOST_INSTANCES).filter((state) => state.discovery !== null || isWrong(state));
  const wrong = all.filter(isWrong);
  const good = all.filter((state) => !isWrong(state));
  return [...wrong, ...good].slice(0, MOST_BACKENDS).map(shown);
}

function isWrong({ inService, total, discoveryUp }: BackendState): boolean {
  return inService < total || total === 0 || !discoveryUp;
}

function shown({ system, discovery, discoveryUp, inService, total, pending, instances }: BackendState): ShownBackend {
  return { system, discovery, discoveryUp, inService, total, pending, instances };
}
