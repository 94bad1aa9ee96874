import type { JsonObject } from '../contracts/json.js';

/** NOTIFY takes less than 8,000 bytes; the same bound everywhere, so that a message that goes today goes over another way too. */
export const MOST_BYTES = 7500;

export interface Envelope {
  readonly gateway: string;
  readonly topic: string;
  readonly message: JsonObject;
  /** The process that says it, and which of its messages this is. */
  readonly sender: string;
  readonly sequence: number;
}

/** @throws Error where it is too large to be told */
export function writeEnvelope(envelope: Envelope): string {
  const text = JSON.stringify(envelope);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MOST_BYTES) return text;
  throw new Error(
    `A broadcast on topic ${envelope.topic} has ${bytes} bytes with its envelope, and at most ${MOST_BYTES} can be told: ` +
      'say what changed, and let each read it where it is stored',
  );
}

/** Null for what is none. */
export function readEnvelope(text: string): Envelope | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const { gateway, topic, message, sender, sequence } = value;
  const isGood =
    typeof gateway === 'string' &&
    typeof topic === 'string' &&
    typeof sender === 'string' &&
    Number.isSafeInteger(sequence) &&
    isObject(message);
  return isGood ? (value as unknown as Envelope) : null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
