import type { FleetAnswers, FleetQuestion } from '../../contracts/fleet.js';

/** Of a worker, to its supervisor. */
export type WorkerMessage =
  /** It lives, with so many requests under way. */
  | { readonly kind: 'beat'; readonly inFlight: number }
  | { readonly kind: 'ready' }
  /** Wants to know something of all workers. */
  | { readonly kind: 'ask'; readonly id: number; readonly question: FleetQuestion }
  /** To a question of the supervisor; null where it cannot answer. */
  | { readonly kind: 'answer'; readonly id: number; readonly part: string | null }
  /** To be told to each other worker. */
  | { readonly kind: 'tell'; readonly text: string };

/** Of the supervisor, to a worker. */
export type SupervisorMessage =
  | { readonly kind: 'question'; readonly id: number; readonly question: FleetQuestion }
  | { readonly kind: 'answers'; readonly id: number; readonly answers: FleetAnswers }
  | { readonly kind: 'told'; readonly text: string };
