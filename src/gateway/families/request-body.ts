import { isUtf8 } from 'node:buffer';
import type { GatewayOptions } from '../../contracts/gateway-options.js';
import type { Exchange } from '../exchange.js';
import {
  faultOf,
  isObjectAt,
  memberNamed,
  objectMembers,
  parsedAsWritten,
  withoutRepeatedNames,
  type JsonFault,
  type ScanNotes,
} from '../json/json-text.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { refusal, type Refusal } from '../stage.js';
import { objectAsQuery, queryAsJson, queryParameter } from './query-parameters.js';

const NOT_JSON = refusal('BODY_NOT_JSON');
const TOO_DEEP = refusal('BODY_TOO_DEEP');
const NOT_OBJECT = refusal('BODY_NOT_OBJECT');
const NOT_BASE64 = refusal('BODY_NOT_BASE64');
const TYPE_UNSUPPORTED = refusal('BODY_TYPE_UNSUPPORTED');
const TOO_LARGE = refusal('BODY_TOO_LARGE');

/** A body up to this length is read before a crud runner is called: cheaper than a stream, and it can be sent again. */
const KEPT_BYTES = 65_536;

/** How a call says what it wants: plainly, as `{origin, auth, payload}`, or the same in base64. */
export type Form = 'plain' | 'full' | 'base64';

/** Fills what the executor will read. Sync where there is no body to wait for. */
export function readInput(
  exchange: Exchange,
  form: Form,
  options: GatewayOptions,
): null | Refusal | Promise<Refusal | null> {
  const takesBody = hasBody(exchange.head.method);
  if (exchange.source.length !== null && takesBody && exchange.source.length > options.maxBodyBytes) return TOO_LARGE;
  const wantsEvent = exchange.channel!.callee!.takes === 'event';
  if (form === 'plain') {
    if (!takesBody) {
      if (wantsEvent) exchange.parameters = queryAsJson(exchange.query);
      return null;
    }
    if (!exchange.source.hasBody) return null;
    return wantsEvent ? readParameters(exchange, options) : takeBody(exchange, options);
  }
  if (!takesBody) {
    const data = queryParameter(exchange.query, 'data') ?? '';
    // A blank can only have been a plus that nobody escaped.
    return takeFull(exchange, form === 'base64' ? data.replaceAll(' ', '+') : data, form, wantsEvent);
  }
  return readFull(exchange, form, options, wantsEvent);
}

function hasBody(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}

async function takeBody(exchange: Exchange, options: GatewayOptions): Promise<null> {
  const { source } = exchange;
  if (source.length !== null && source.length <= KEPT_BYTES) exchange.body = await source.read(KEPT_BYTES, true);
  else exchange.body = source.stream(options.maxBodyBytes);
  return null;
}

/** Reads a body that is JSON whatever the channel takes: what the gateway's own calls are given. */
export function readJsonBody(exchange: Exchange, options: GatewayOptions): null | Refusal | Promise<Refusal | null> {
  if (exchange.source.length !== null && exchange.source.length > options.maxBodyBytes) return TOO_LARGE;
  return exchange.source.hasBody ? readParameters(exchange, options) : null;
}

/**
 * A body as a value, for what is no channel's: `{}` where there is none.
 * @throws GatewayError BODY_TOO_LARGE, BODY_NOT_JSON, BODY_TOO_DEEP, BODY_TYPE_UNSUPPORTED, BODY_BROKEN_OFF, REQUEST_TOO_SLOW
 */
export async function readJsonValue({ source, headers }: Exchange, limitBytes: number): Promise<unknown> {
  const text = textOf(await source.read(limitBytes));
  if (text === null) throw new GatewayError('BODY_NOT_JSON');
  if (isBlank(text)) return {};
  if (!isJsonType(headers['content-type'])) throw new GatewayError('BODY_TYPE_UNSUPPORTED');
  const checked = checkedJson(text);
  if (typeof checked !== 'string') throw new GatewayError(checked.error);
  return JSON.parse(checked);
}

async function readParameters(exchange: Exchange, options: GatewayOptions): Promise<Refusal | null> {
  const bytes = await exchange.source.read(bufferLimit(options));
  const text = textOf(bytes);
  if (text === null) return NOT_JSON;
  if (isBlank(text)) return null;
  if (!isJsonType(exchange.headers['content-type'])) return TYPE_UNSUPPORTED;
  const checked = checkedJson(text);
  if (typeof checked !== 'string') return checked;
  exchange.parameters = checked;
  return null;
}

async function readFull(
  exchange: Exchange,
  form: Form,
  options: GatewayOptions,
  wantsEvent: boolean,
): Promise<Refusal | null> {
  let text = textOf(await exchange.source.read(bufferLimit(options)));
  if (text === null) return NOT_JSON;
  const type = exchange.headers['content-type'];
  if (!isBlank(text) && !isJsonType(type) && !(form === 'base64' && isTextType(type))) return TYPE_UNSUPPORTED;
  if (form === 'base64' && text.trimStart().startsWith('"')) {
    const fault = faultOf(text, null);
    if (fault !== null) return NOT_JSON;
    text = JSON.parse(text) as string;
  }
  return takeFull(exchange, text, form, wantsEvent);
}

function takeFull(exchange: Exchange, given: string, form: Form, wantsEvent: boolean): Refusal | null {
  const text = form === 'base64' ? fromBase64(given.trim()) : given;
  if (text === null) return NOT_BASE64;
  if (isBlank(text)) {
    if (!wantsEvent) exchange.query = '';
    return null;
  }
  const checked = checkedJson(text);
  if (typeof checked !== 'string') return checked;
  const members = objectMembers(checked);
  if (members === null) return NOT_OBJECT;
  const origin = memberNamed(members, 'origin');
  if (origin !== null) exchange.bodyOrigin = originOf(checked.slice(origin.value, origin.end));
  const auth = memberNamed(members, 'auth');
  if (auth !== null) exchange.bodyAuth = checked.slice(auth.value, auth.end);
  const payload = memberNamed(members, 'payload');
  const content = payload === null ? null : checked.slice(payload.value, payload.end);
  if (wantsEvent) exchange.parameters = content ?? '{}';
  else if (hasBody(exchange.head.method)) {
    exchange.query = '';
    exchange.body = content === null ? null : Buffer.from(content);
    exchange.headers = { ...exchange.headers, 'content-type': 'application/json' };
  } else exchange.query = content === null ? '' : objectAsQuery(content);
  return null;
}

/** Null: there is one, and it is no object. */
function originOf(json: string): unknown {
  return isObjectAt(json, 0) ? parsedAsWritten(json) : null;
}

function bufferLimit(options: GatewayOptions): number {
  return Math.min(options.maxBufferedBytes, options.maxBodyBytes);
}

const BYTE_ORDER_MARK = 0xfeff;

/** The text of a body, null where it is not UTF-8 (RFC 8259, 8.1). */
function textOf(bytes: Buffer): string | null {
  if (!isUtf8(bytes)) return null;
  const text = bytes.toString();
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}

/** Nothing but JSON's own white space; a missing or empty body is `{}` everywhere. */
function isBlank(text: string): boolean {
  return /^[ \t\r\n]*$/.test(text);
}

/** The text, written anew where a name was repeated, or why it is none. */
function checkedJson(text: string): string | Refusal {
  const notes: ScanNotes = { repeatedName: false };
  const fault: JsonFault | null = faultOf(text, notes);
  if (fault !== null) return fault.kind === 'depth' ? TOO_DEEP : NOT_JSON;
  return notes.repeatedName ? withoutRepeatedNames(text) : text;
}

const BASE64 = /^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==?)?|[A-Za-z0-9+/_-]{3}=?)?$/;

function fromBase64(text: string): string | null {
  if (!BASE64.test(text)) return null;
  return textOf(Buffer.from(text, 'base64'));
}

/** No type at all counts as JSON. */
function isJsonType(type: string | undefined): boolean {
  if (type === undefined || type === 'application/json') return true;
  const essence = type.split(';', 1)[0]!.trim().toLowerCase();
  return (
    essence === '' ||
    essence === 'application/json' ||
    essence === 'text/json' ||
    /^[^/\s]+\/[^/\s]+\+json$/.test(essence)
  );
}

function isTextType(type: string | undefined): boolean {
  return type !== undefined && /^text\/plain\b/i.test(type.trim());
}
