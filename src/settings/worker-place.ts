/** Which of the processes of its host this one is. */
export interface WorkerPlace {
  /** 0-based slot. */
  readonly worker: number;
  readonly workers: number;
  /** How many processes had the slot before this one, since the supervisor began. */
  readonly life: number;
}

const VARIABLE = 'SLUICE_WORKER';

/** What the supervisor gives a worker into its environment. */
export const placeVariables = ({ worker, workers, life }: WorkerPlace): Readonly<Record<string, string>> => ({
  [VARIABLE]: `${worker}/${workers}/${life}`,
});

/** The place that the supervisor gave; null for a process that nobody supervises, whatever its environment says. */
export function placeFrom(env: NodeJS.ProcessEnv, isSupervised: boolean): WorkerPlace | null {
  const found = /^(\d+)\/(\d+)\/(\d+)$/.exec(env[VARIABLE] ?? '');
  if (!isSupervised || found === null) return null;
  const [, worker, workers, life] = found.map(Number) as [number, number, number, number];
  return { worker, workers, life };
}
