import type { InstanceAddress } from '../balance/instance-source.js';

/** What one look found. */
export interface Listing {
  readonly addresses: readonly InstanceAddress[];
  /** ms until it should be looked again. */
  readonly dueMs: number;
}

export interface LookRequest {
  /** Aborted where nobody wants the answer any more. */
  readonly signal: AbortSignal;
  /** The answer must be of now: a look that could wait for a change must not. */
  readonly isFresh: boolean;
}

/** Asks once where the instances are. Throws LookFailed for what it could not learn. */
export type Look = (request: LookRequest) => Promise<Listing>;

/** A look that learned nothing. Its message goes on after who was asked, and may be shown: it holds no secret, and nothing that another party wrote. */
export class LookFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LookFailed';
  }
}

export const clamped = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

/** Each host and port once: where a source tells one twice, in the better priority. */
export function distinct(addresses: readonly InstanceAddress[]): readonly InstanceAddress[] {
  const byPlace = new Map<string, InstanceAddress>();
  for (const address of addresses) {
    const place = `${address.host} ${address.port}`;
    const known = byPlace.get(place);
    if (known === undefined || address.priority < known.priority) byPlace.set(place, address);
  }
  return [...byPlace.values()];
}

/** Equal for lists that say the same, in whatever order. */
export function signatureOf(addresses: readonly InstanceAddress[]): string {
  const lines = addresses.map(({ host, port, weight, priority }) => `${host} ${port} ${weight} ${priority}`);
  return lines.sort().join('\n');
}
