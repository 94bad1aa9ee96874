import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { TrustedProxies } from '../../contracts/trusted-proxies.js';
import { faultOf, isObjectAt, parsedAsWritten } from '../json/json-text.js';
import { cookieValue } from './cookies.js';

/** Bytes of a client's origin, as base64 (spec/apis.md). */
const MAX_ORIGIN_BYTES = 8192;
const HEADER_NAMES = ['rierino-origin', 'sluice-origin'] as const;
const COOKIE_NAMES = ['Rierino-Origin', 'Sluice-Origin'] as const;

export interface OriginInput {
  readonly headers: IncomingHttpHeaders;
  readonly peer: string;
  readonly proxies: TrustedProxies;
  /** Member `origin` of a full call. */
  readonly fromBody: unknown;
  /** Who calls, as the token says; null: nobody knows. */
  readonly caller: {
    readonly applied: { readonly originId: string | null; readonly originType: string | null };
  } | null;
  /** Counts what was ignored because it was no origin. */
  onIgnored(): void;
}

/**
 * requestMeta.origin as JSON text. Later wins: cookie, header, the body of a full call, then what the gateway itself knows and no
 * client may set: agent, referrer, ip, and id and type, which only a token gives.
 */
export function originText(input: OriginInput): string {
  const { headers } = input;
  const ip = clientAddress(headers, input.peer, input.proxies);
  const agent = headers['user-agent'];
  const referrer = headers.referer ?? (headers.referrer as string | undefined);
  const id = input.caller?.applied.originId ?? null;
  const type = input.caller?.applied.originType ?? null;
  const client = clientOrigin(input);
  if (client === null) {
    // The common case, without an object in between.
    let text = `{"ip":${JSON.stringify(ip)}`;
    if (agent !== undefined) text += `,"agent":${JSON.stringify(agent)}`;
    if (referrer !== undefined) text += `,"referrer":${JSON.stringify(referrer)}`;
    if (id !== null) text += `,"id":${JSON.stringify(id)}`;
    if (type !== null) text += `,"type":${JSON.stringify(type)}`;
    return `${text}}`;
  }
  delete client.id;
  delete client.type;
  delete client.agent;
  delete client.referrer;
  client.ip = ip;
  if (agent !== undefined) client.agent = agent;
  if (referrer !== undefined) client.referrer = referrer;
  if (id !== null) client.id = id;
  if (type !== null) client.type = type;
  withoutCertificate(client);
  return JSON.stringify(client);
}

type OriginObject = Record<string, unknown>;

function clientOrigin(input: OriginInput): OriginObject | null {
  let merged: OriginObject | null = null;
  const add = (value: unknown): void => {
    if (value === undefined) return;
    if (isObject(value)) {
      merged ??= Object.create(null) as OriginObject;
      Object.assign(merged, value);
    } else input.onIgnored();
  };
  const cookies = input.headers.cookie;
  if (cookies !== undefined) for (const name of COOKIE_NAMES) add(decodedOrigin(cookieValue(cookies, name)));
  for (const name of HEADER_NAMES) add(decodedOrigin(input.headers[name] ?? null));
  add(input.fromBody);
  return merged;
}

function isObject(value: unknown): value is OriginObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined: none was sent. Null: it cannot be read. */
function decodedOrigin(value: string | string[] | null): unknown {
  if (value === null) return undefined;
  if (typeof value !== 'string' || value.length > MAX_ORIGIN_BYTES) return null;
  const text = Buffer.from(value, 'base64').toString('utf8').trimStart();
  return isObjectAt(text, 0) && faultOf(text, null) === null ? parsedAsWritten(text) : null;
}

/** origin.parameters.certificate tells of a client certificate that the gateway has checked: nobody else may say it. */
function withoutCertificate(origin: OriginObject): void {
  const { parameters } = origin;
  if (!isObject(parameters) || !('certificate' in parameters)) return;
  const { certificate: _forged, ...rest } = parameters;
  origin.parameters = rest;
}

/** The client's address: from X-Forwarded-For, where there is none from Forwarded, as far as the proxies are trusted; else the peer's. */
export function clientAddress(headers: IncomingHttpHeaders, peer: string, proxies: TrustedProxies): string {
  const address = plainAddress(peer);
  if (proxies.mode === 'none') return address;
  if (proxies.mode === 'all') return leftmostForwarded(headers) ?? address;
  const chain = forwardedChain(headers);
  if (chain.length === 0) return address;
  switch (proxies.mode) {
    case 'hops': {
      // One hop: the peer is trusted, and the last address is who spoke to it.
      const index = chain.length - proxies.hops;
      return proxies.hops === 0 ? address : chain[Math.max(0, index)]!;
    }
    case 'addresses': {
      if (!proxies.trusts(address)) return address;
      for (let index = chain.length - 1; index >= 0; index--) if (!proxies.trusts(chain[index]!)) return chain[index]!;
      return chain[0]!;
    }
  }
}

/** IPv4 in IPv6 notation is an IPv4 address. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

const MAX_HOPS = 64;

function forwardedItems(headers: IncomingHttpHeaders): string[] {
  const list = headers['x-forwarded-for'];
  if (typeof list === 'string') return list.split(',');
  return (headers.forwarded?.match(ELEMENT) ?? []).map((element) => forwardedFor(element));
}

/** The first that is an address. */
function leftmostForwarded(headers: IncomingHttpHeaders): string | null {
  for (const item of forwardedItems(headers)) {
    const address = withoutPort(item.trim());
    if (address !== null) return address;
  }
  return null;
}

/** Addresses from the farthest to the nearest; what is no address (`unknown`, `_hidden`, garbage) ends the chain there. */
function forwardedChain(headers: IncomingHttpHeaders): string[] {
  const items = forwardedItems(headers);
  const chain: string[] = [];
  for (let index = items.length - 1; index >= 0 && chain.length < MAX_HOPS; index--) {
    const address = withoutPort(items[index]!.trim());
    if (address === null) break;
    chain.unshift(address);
  }
  return chain;
}

// Quoted strings are taken as a whole: a client chooses the text of `host`, and must not end an element or begin a `for` in it.
const ELEMENT = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g;
const PAIR = /\s*([^=;\s"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*))\s*(?:;|$)/gy;

/** `for=` of one element of a Forwarded header (RFC 7239). */
function forwardedFor(element: string): string {
  for (const [, name, quoted, plain] of element.matchAll(PAIR))
    if (name!.toLowerCase() === 'for') return quoted ?? plain ?? '';
  return '';
}

const IPV4 = /^(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?$/;
const BRACKETED = /^\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?$/;

function withoutPort(text: string): string | null {
  const match = IPV4.exec(text) ?? BRACKETED.exec(text);
  const address = match === null ? text : match[1]!;
  return isIP(address) === 0 || address.includes('%') ? null : plainAddress(address);
}
