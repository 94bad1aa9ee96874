import type { Json } from '../runner-kit/index.js';

/** A parameter as a number: those from a URL's query are strings. */
export function numberFrom(value: Json | undefined, otherwise: number): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : otherwise;
}

/** The same as a whole number within bounds. */
export function boundedFrom(value: Json | undefined, otherwise: number, max: number): number {
  return Math.min(max, Math.max(0, Math.trunc(numberFrom(value, otherwise))));
}

export function textFrom(value: Json | undefined, otherwise: string): string {
  if (typeof value === 'string') return value === '' ? otherwise : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : otherwise;
}
