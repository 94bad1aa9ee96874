import { accessClaims } from './access-claims.js';
import { isJsonObject, memberOf, parsedExactly, type JsonObject } from './json-members.js';
import type { ProviderAction } from './provider-rules.js';
import type { GoodReply } from './read-reply.js';

/** What a login or refresh gives. */
export interface ProviderTokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly idToken: string | null;
  readonly expiresInSeconds: number | null;
  readonly refreshExpiresInSeconds: number | null;
}

export interface ProviderAnswer {
  /** Without `parameters`, which are the client's own words and say nothing about who it is. */
  readonly payload: JsonObject;
  /** The same as JSON text, numbers as the server wrote them: what goes out to the client. */
  readonly payloadText: string;
  /** Without the credentials. */
  readonly requestMeta: JsonObject;
  readonly tokens: ProviderTokens | null;
  readonly user: JsonObject | null;
  /** The access token's own claims, unchecked: the provider has just given or accepted it. Null where it is no JWT. */
  readonly access: JsonObject | null;
}

/** What was sent, by which an echo is told from an answer. */
export interface SentAuth {
  readonly action: ProviderAction;
  readonly auth: ReadonlyMap<string, string>;
}

/** Reads the tokens and the user out of a good answer (spec/identity.md, "Provider"). */
export function providerAnswer(reply: GoodReply, sent: SentAuth): ProviderAnswer {
  const { payload, requestMeta, payloadText } = reply.isEvent
    ? { payload: parsed(reply.payload), requestMeta: parsed(reply.requestMeta), payloadText: reply.payload }
    : plainParts(reply.payload);
  const tokens = tokensIn(payload, requestMeta, sent.auth);
  const accessToken = tokens?.accessToken ?? (accepts(sent.action) ? sent.auth.get('access_token') : undefined);
  const user = userIn(payload, requestMeta);
  delete requestMeta.auth;
  return {
    payload,
    payloadText,
    requestMeta,
    tokens,
    user,
    access: accessToken === undefined ? null : accessClaims(accessToken),
  };
}

/** Whether a good answer says that the access token that was sent is good. */
function accepts(action: ProviderAction): boolean {
  return action === 'validate' || action === 'resolve';
}

/** What the gateway itself puts into the metadata. */
const METADATA = [
  'id',
  'channel',
  'path',
  'method',
  'branch',
  'origin',
  'auth',
  'claims',
  'sessionId',
  'startDT',
  'endDT',
];

/**
 * An answer that is no event is the request metadata alone, filled by the server, or a payload alone. Metadata are known by `auth`, or
 * by what we sent in them; what the server added is the payload then.
 */
function plainParts(text: string): Pick<ProviderAnswer, 'payload' | 'payloadText' | 'requestMeta'> {
  const payload = parsed(text);
  const isMetadata =
    isJsonObject(payload.auth) || (typeof payload.channel === 'string' && isJsonObject(payload.origin));
  if (!isMetadata) return { payload, payloadText: text, requestMeta: {} };
  const requestMeta = { ...payload };
  for (const name of METADATA) delete payload[name];
  return { payload, payloadText: JSON.stringify(payload), requestMeta };
}

function tokensIn(
  payload: JsonObject,
  requestMeta: JsonObject,
  sent: ReadonlyMap<string, string>,
): ProviderTokens | null {
  for (const place of [payload.token, payload.user, payload]) {
    const tokens = tokensAt(place);
    if (tokens !== null) return tokens;
  }
  // Servers send the event back that they got: the client's own access token is no token of theirs.
  const tokens = tokensAt(requestMeta.auth);
  return tokens !== null && tokens.accessToken === sent.get('access_token') ? null : tokens;
}

function tokensAt(place: unknown): ProviderTokens | null {
  if (!isJsonObject(place)) return null;
  const accessToken = textOf(place.access_token);
  if (accessToken === null) return null;
  return {
    accessToken,
    refreshToken: textOf(place.refresh_token),
    idToken: textOf(place.id_token),
    expiresInSeconds: secondsOf(place.expires_in),
    refreshExpiresInSeconds: secondsOf(place.refresh_expires_in),
  };
}

function userIn(payload: JsonObject, requestMeta: JsonObject): JsonObject | null {
  for (const place of [payload.user, memberOf(payload.token, 'user'), requestMeta.user]) {
    const user = isJsonObject(memberOf(place, 'user')) ? memberOf(place, 'user') : place;
    if (isJsonObject(user) && !isTokensAlone(user)) return user;
  }
  return null;
}

/** Where payload.user holds the tokens, the user stands elsewhere. */
function isTokensAlone(user: JsonObject): boolean {
  return textOf(user.access_token) !== null && user.id === undefined;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function secondsOf(value: unknown): number | null {
  const seconds = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

function parsed(text: string): JsonObject {
  return parsedExactly(text) as JsonObject;
}
