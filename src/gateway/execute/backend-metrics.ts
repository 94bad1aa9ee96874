import type { BackendState, BackendStates } from '../../contracts/backends.js';
import type { Metrics, Sample } from '../../observability/metrics.js';

/** Systems with series of their own; all others count under `other`. */
const MOST_SYSTEMS = 200;

const OUTCOMES = {
  answered: 'answered',
  errors: 'error',
  unreachable: 'unreachable',
  brokenOff: 'broken_off',
  timedOut: 'timeout',
  abandoned: 'abandoned',
  moved: 'moved',
  refused: 'refused',
} as const;

type Value = readonly [labels: Readonly<Record<string, string>>, value: number];

/**
 * Registers what is known of the backends; read when somebody scrapes.
 * Counters of a backend begin anew when a change of its system makes a new one, as they do with a restart.
 */
export function addBackendMetrics(metrics: Metrics, states: BackendStates): void {
  const add = (
    name: string,
    help: string,
    type: 'gauge' | 'counter',
    read: (state: BackendState) => readonly Value[],
  ) => metrics.add({ name, help, type, samples: () => sumsBySystem(name, states.backends(0), read) });

  add('sluice_backend_instances', 'Instances of a backend by state.', 'gauge', ({ total, inService }) => [
    [{ state: 'in_service' }, inService],
    [{ state: 'out' }, total - inService],
  ]);
  add('sluice_backend_connections', 'Connections to a backend by state.', 'gauge', ({ open, busy }) => [
    [{ state: 'busy' }, busy],
    [{ state: 'idle' }, Math.max(0, open - busy)],
  ]);
  add('sluice_backend_waiting', 'Calls that wait for a connection to a backend.', 'gauge', ({ pending, busy }) => [
    [{}, Math.max(0, pending - busy)],
  ]);
  add('sluice_backend_discovery_up', '1 while instances are looked for with success.', 'gauge', (state) =>
    state.discovery === null ? [] : [[{}, state.discoveryUp ? 1 : 0]],
  );
  add('sluice_backend_tries_total', 'Tries of calls to a backend by outcome.', 'counter', ({ tries }) =>
    Object.entries(OUTCOMES).map(([field, outcome]): Value => [{ outcome }, tries[field as keyof typeof OUTCOMES]]),
  );
  add('sluice_backend_ejections_total', 'Instances taken out, by reason.', 'counter', ({ discovery, ejections }) =>
    discovery === null ? [] : Object.entries(ejections).map(([reason, count]): Value => [{ reason }, count]),
  );
}

/** Several backends may have one name, and many share `other`: a series is there once. */
function sumsBySystem(
  name: string,
  states: readonly BackendState[],
  read: (state: BackendState) => readonly Value[],
): Iterable<Sample> {
  const systems = new Set<string>();
  const samples = new Map<string, { name: string; labels: Record<string, string>; value: number }>();
  for (const state of states) {
    const isNamed = systems.has(state.system) || systems.size < MOST_SYSTEMS;
    const system = isNamed ? state.system : 'other';
    systems.add(system);
    for (const [further, value] of read(state)) {
      const labels = { system, ...further };
      const key = JSON.stringify(labels);
      const sample = samples.get(key);
      if (sample === undefined) samples.set(key, { name, labels, value });
      else sample.value += value;
    }
  }
  return samples.values();
}
