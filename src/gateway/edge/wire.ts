import type { IncomingMessage } from 'node:http';
import { refusal, type Refusal } from '../stage.js';

/**
 * What Node's parser lets through and a gateway must not: whatever the next hop could read otherwise than we do (request smuggling,
 * cache poisoning), RFC 9110 and 9112. Every rule here closes the connection with its refusal, since framing is in doubt.
 */

const HOST_INVALID = refusal('HOST_INVALID');
const TARGET_INVALID = refusal('TARGET_INVALID');
const TARGET_TOO_LONG = refusal('TARGET_TOO_LONG');
const TARGET_HOST_MISMATCH = refusal('TARGET_HOST_MISMATCH');
const VERSION_INVALID = refusal('VERSION_INVALID');
const FRAMING_INVALID = refusal('FRAMING_INVALID');
export const METHODS_SERVED = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
export const METHOD_UNKNOWN = refusal('METHOD_NOT_ALLOWED', ['Allow', METHODS_SERVED]);

const SERVED: ReadonlySet<string> = new Set(METHODS_SERVED.split(', '));

// reg-name without escapes, IPv4 or a bracketed IPv6 address, and a port (RFC 3986, 3.2.2). No user-info, list, space or path.
const HOST = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{0,5}))?$/;

/** Hosts that were found valid: a gateway is called by few names, and each keep-alive request repeats one. */
let lastValidHost = ' ';

function isValidHost(host: string): boolean {
  if (host === lastValidHost) return true;
  const match = HOST.exec(host);
  if (match === null || Number(match[1] ?? 0) > 65_535) return false;
  lastValidHost = host;
  return true;
}

/** Null: the request may be read on. */
export function wireFault(request: IncomingMessage, maxTargetLength: number): Refusal | null {
  if (request.httpVersionMajor !== 1) return VERSION_INVALID;
  return (
    hostFault(request) ??
    framingFault(request) ??
    targetFault(request, maxTargetLength) ??
    (SERVED.has(request.method!) ? null : METHOD_UNKNOWN)
  );
}

function hostFault(request: IncomingMessage): Refusal | null {
  const { rawHeaders } = request;
  let host: string | null = null;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    if (host !== null) return HOST_INVALID;
    host = rawHeaders[index + 1]!;
  }
  // HTTP/1.0 knew no Host (RFC 9112, 3.2).
  if (host === null) return request.httpVersionMinor === 0 ? null : HOST_INVALID;
  return isValidHost(host) ? null : HOST_INVALID;
}

function framingFault(request: IncomingMessage): Refusal | null {
  const coding = request.headers['transfer-encoding'];
  if (coding === undefined) return null;
  // An empty Transfer-Encoding beside a Content-Length, or chunks in HTTP/1.0: two readers, two lengths (RFC 9112, 6.1).
  if (request.httpVersionMinor === 0 || coding.toLowerCase() !== 'chunked') return FRAMING_INVALID;
  return request.headers['content-length'] === undefined ? null : FRAMING_INVALID;
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i;

/** Brings an absolute-form target into origin form, in place, when it names our Host. */
function targetFault(request: IncomingMessage, maxTargetLength: number): Refusal | null {
  const target = request.url!;
  if (target.length > maxTargetLength) return TARGET_TOO_LONG;
  if (target.charCodeAt(0) !== 47) {
    if (target === '*') return request.method === 'OPTIONS' ? null : TARGET_INVALID;
    const match = ABSOLUTE.exec(target);
    if (match === null) return TARGET_INVALID;
    if (match[1] !== request.headers.host) return TARGET_HOST_MISMATCH;
    const rest = match[2]!;
    request.url = rest.startsWith('/') ? rest : `/${rest}`;
  }
  return request.url!.includes('#') ? TARGET_INVALID : null;
}
