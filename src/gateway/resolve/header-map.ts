import { compile, TreeInterpreter } from '@jmespath-community/jmespath';
import type { IncomingHttpHeaders } from 'node:http';
import { FIELD_VALUE, TOKEN } from '../http-syntax.js';

type Expression = ReturnType<typeof compile>;

/** What a header map must not touch: who frames, routes, identifies or traces a request is not up to a header's value. */
const UNTOUCHABLE = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'forwarded',
  'x-request-id',
  'traceparent',
  'tracestate',
  'b3',
]);
const UNTOUCHABLE_FAMILY = /^(?:x-forwarded-|x-b3-|proxy-)/;
/** Characters of one value that an expression may make. */
const MAX_VALUE_LENGTH = 8192;

/** An alias' header map (spec/components.md): header name → JMESPath over `{value}`, whose object result joins the headers. */
export class HeaderMap {
  private readonly expressions: readonly (readonly [string, Expression])[];

  /** @throws Error where an expression is no JMESPath */
  constructor(map: Readonly<Record<string, string>>) {
    this.expressions = Object.entries(map).map(([name, text]) => [name.toLowerCase(), compile(text)] as const);
  }

  /** The headers with what the map makes of them; the same object where it makes nothing. */
  applied(headers: IncomingHttpHeaders): IncomingHttpHeaders {
    let merged = headers;
    for (const [name, expression] of this.expressions) {
      const value = headers[name];
      if (value === undefined) continue;
      const made = evaluated(expression, Array.isArray(value) ? value.join(', ') : value);
      for (const [header, content] of made) {
        if (merged === headers) merged = { ...headers };
        merged[header] = content;
      }
    }
    return merged;
  }
}

/** One that fails on a request sets nothing. */
function evaluated(expression: Expression, value: string): [string, string][] {
  let result: unknown;
  try {
    result = TreeInterpreter.search(expression, { value });
  } catch {
    return [];
  }
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return [];
  const made: [string, string][] = [];
  for (const [given, content] of Object.entries(result)) {
    const name = given.toLowerCase();
    if (UNTOUCHABLE.has(name) || UNTOUCHABLE_FAMILY.test(name) || !TOKEN.test(name)) continue;
    if (typeof content !== 'string' && typeof content !== 'number' && typeof content !== 'boolean') continue;
    const text = String(content);
    if (text.length <= MAX_VALUE_LENGTH && FIELD_VALUE.test(text)) made.push([name, text]);
  }
  return made;
}
