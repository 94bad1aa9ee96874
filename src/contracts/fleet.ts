/** `silent`: it was ready, and has given no sign for some seconds. */
export type WorkerLife = 'waiting' | 'starting' | 'ready' | 'silent' | 'draining';

/** A worker of this host, as its supervisor sees it. */
export interface WorkerStatus {
  /** 0-based slot. */
  readonly worker: number;
  /** Null while nobody has the slot. */
  readonly pid: number | null;
  readonly state: WorkerLife;
  /** How often it was started again. */
  readonly restarts: number;
  readonly uptimeSeconds: number;
  /** Requests under way, by its last report. */
  readonly inFlight: number;
}

/** What can be asked of every worker. */
export type FleetQuestion = 'metrics' | 'findings';

export interface FleetAnswers {
  readonly workers: readonly WorkerStatus[];
  /** JSON of each process that answered in time. */
  readonly parts: readonly string[];
  /** JSON of what is known of processes that ended, or that did not answer: of metrics only, and only what counts up is good in it. */
  readonly past: readonly string[];
}

/** The workers of this host, as one of them reaches them: through the supervisor. Null where this process is the only one. */
export interface Fleet {
  /** This process among the answers. Takes at most 3 s; null where the supervisor does not answer. */
  ask(question: FleetQuestion): Promise<FleetAnswers | null>;
  /** What this process answers. */
  answer(question: FleetQuestion, respond: () => string | Promise<string>): void;
  /** Hands a text to each other worker. @throws Error where the supervisor is gone */
  tell(text: string): Promise<void>;
  /** One listener, told the texts of other workers. */
  onTold(listener: (text: string) => void): void;
}
export const FLEET = Symbol('Fleet');
