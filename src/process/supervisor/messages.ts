import type { FleetAnswers, FleetQuestion } from '../../contracts/fleet.js';
import type { ListenerKind } from '../../contracts/edge-view.js';
import type { ListenAddress } from '../listening.js';

/** Why a port could not be had: fields of Node's error. */
export interface ListenFault {
  readonly message: string;
  readonly code?: string | undefined;
  readonly syscall?: string | undefined;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
}

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
  | { readonly kind: 'tell'; readonly text: string }
  /** Wants connections of a listener. */
  | { readonly kind: 'enter'; readonly listener: ListenerKind; readonly at: ListenAddress }
  /** The connection that it was given has arrived. */
  | { readonly kind: 'taken'; readonly listener: ListenerKind }
  /** Wants no more of them. */
  | { readonly kind: 'leave'; readonly listener: ListenerKind };

/** Of the supervisor, to a worker. */
export type SupervisorMessage =
  | { readonly kind: 'question'; readonly id: number; readonly question: FleetQuestion }
  | { readonly kind: 'answers'; readonly id: number; readonly answers: FleetAnswers }
  | { readonly kind: 'told'; readonly text: string }
  | { readonly kind: 'entered'; readonly listener: ListenerKind; readonly outcome: number | ListenFault }
  /** Comes with the socket. */
  | { readonly kind: 'connection'; readonly listener: ListenerKind }
  /** All that it was given has come before this. */
  | { readonly kind: 'left'; readonly listener: ListenerKind };
