import type { OutgoingRequest } from './http-call.js';

/** RFC 9110, 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Whether a request may go out again whose connection was lost: it changes nothing twice, and its body is still here. */
export function isRepeatable({ method, body, sentOnce = false }: OutgoingRequest): boolean {
  if (sentOnce) return false;
  return IDEMPOTENT.has(method) && (body === null || typeof body === 'string' || Buffer.isBuffer(body));
}
