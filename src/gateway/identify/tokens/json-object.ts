import { faultOf } from '../../json/json-text.js';

/**
 * Parses one JSON object, else null. Two members of one name, at any depth, are refused (RFC 7515, 4; RFC 7519, 4): readers
 * differ in which of them counts.
 */
export function parsedObject(text: string | null): Readonly<Record<string, unknown>> | null {
  if (text === null) return null;
  const notes = { repeatedName: false };
  if (faultOf(text, notes) !== null || notes.repeatedName) return null;
  const value = JSON.parse(text) as unknown;
  return isObject(value) ? value : null;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
