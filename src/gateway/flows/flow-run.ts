import { GatewayError } from '../../errors/gateway.error.js';
import { editedObject, type Edit } from '../identify/claims/text-edits.js';
import { isObjectAt, memberNamed, objectMembers, type Member } from '../json/json-text.js';
import type { Exchange } from '../exchange.js';
import type { Credentials } from '../identify/credentials/credential.js';
import { claimSource } from '../identify/provider/claim-source.js';
import { isJsonObject, memberOf, parsedExactly, type JsonObject } from '../identify/provider/json-members.js';
import type { ProviderAnswer, ProviderTokens } from '../identify/provider/provider-answer.js';
import type { TokenKind } from '../identify/token-kind.js';
import type { CompiledChannel } from '../resolve/compiled-channel.js';
import type { FlowAction } from './flow-path.js';

export interface FlowRunParts {
  readonly exchange: Exchange;
  readonly action: FlowAction;
  /** Of the path; null: none. */
  readonly type: string | null;
  readonly channel: CompiledChannel;
  readonly kind: TokenKind;
  readonly credentials: Credentials;
  /** Where it is not the request's own. */
  readonly query?: URLSearchParams;
}

/** One flow under way: what came, and what the authentication server and the channel have said so far. */
export class FlowRun {
  readonly exchange: Exchange;
  readonly action: FlowAction;
  readonly channel: CompiledChannel;
  readonly kind: TokenKind;
  readonly credentials: Credentials;
  readonly thru: boolean;
  readonly asCookies: boolean;
  readonly remembers: boolean;
  /** The answer as JSON text of an object, numbers as they came. */
  text = '{}';
  tokens: ProviderTokens | null = null;
  user: JsonObject | null = null;
  access: JsonObject | null = null;
  private readonly pathType: string | null;

  constructor(parts: FlowRunParts) {
    const { exchange, action, type, channel, kind, credentials } = parts;
    this.exchange = exchange;
    this.action = action;
    this.channel = channel;
    this.kind = kind;
    this.credentials = credentials;
    this.pathType = type;
    const query = parts.query ?? new URLSearchParams(exchange.query);
    this.thru = query.get('thru') === 'true';
    this.asCookies = query.get('cookie') === 'true';
    this.remembers = (query.get('remember') ?? this.credential('remember')) === 'true';
  }

  /** Fills `{type}` in URLs: the path's, else the token's ORIGIN_TYPE, empty where there is none. */
  get urlType(): string {
    if (this.pathType !== null) return this.pathType;
    const { claims } = this.kind;
    const constant = claims.names.ORIGIN_TYPE === null ? null : claims.issue({}).claims[claims.names.ORIGIN_TYPE];
    return this.exchange.caller?.applied.originType ?? (typeof constant === 'string' ? constant : '');
  }

  get namedType(): string | null {
    return this.pathType;
  }

  credential(name: string): string | null {
    return this.credentials.values.get(name)?.value ?? null;
  }

  take(answer: ProviderAnswer): void {
    this.add(answer.payloadText);
    this.tokens = sendable(answer.tokens) ?? this.tokens;
    this.user = answer.user ?? this.user;
    this.access = answer.access ?? this.access;
  }

  /** What the channel's own saga says goes over it; members of `user` one by one. @param text JSON text of an object */
  add(text: string): void {
    const members = objectMembers(text) ?? [];
    this.text = editedObject(this.text, new Map(members.map((member) => [member.name, putOf(text, member)])));
  }

  enrich(text: string): void {
    this.add(text);
    const added = memberOf(parsedExactly(text), 'user');
    const user = isJsonObject(memberOf(added, 'user')) ? memberOf(added, 'user') : added;
    if (isJsonObject(user)) this.user = { ...this.user, ...user };
  }

  /** What claims are read from (spec/identity.md, "Provider"). */
  claimSource(): JsonObject {
    const { user, tokens, access } = this;
    return claimSource({ payload: parsedExactly(this.text) as JsonObject, user, tokens, access });
  }

  get saysStage(): boolean {
    return memberNamed(objectMembers(this.text) ?? [], 'stage') !== null;
  }

  /** A step of a longer login: it goes to the client as it is, and no token is issued. Takes `skipToken` out of the answer. */
  takeStep(): boolean {
    const members = objectMembers(this.text) ?? [];
    const skip = memberNamed(members, 'skipToken');
    const skips = skip !== null && /^"?true"?$/.test(this.text.slice(skip.value, skip.end));
    if (skip !== null) this.text = editedObject(this.text, new Map([['skipToken', { kind: 'remove' }]]));
    return skips || (this.saysStage && this.tokens === null);
  }
}

/** Visible ASCII (RFC 6749, appendix A): what else is in a token no header can carry. */
const VISIBLE = /^[\x21-\x7e]+$/;

/** @throws GatewayError where a token cannot be sent on */
function sendable(tokens: ProviderTokens | null): ProviderTokens | null {
  if (tokens === null) return null;
  for (const token of [tokens.accessToken, tokens.refreshToken, tokens.idToken])
    if (token !== null && !VISIBLE.test(token))
      throw new GatewayError('BACKEND_FAILED', {
        cause: 'a token of the authentication server cannot stand in a header',
      });
  return tokens;
}

function putOf(text: string, { name, value, end }: Member): Edit {
  const written = text.slice(value, end);
  if (name !== 'user' || !isObjectAt(written, 0)) return { kind: 'put', text: written };
  const members = objectMembers(written) ?? [];
  return { kind: 'inside', members: new Map(members.map((each) => [each.name, putWhole(written, each)])) };
}

function putWhole(text: string, { value, end }: Member): Edit {
  return { kind: 'put', text: text.slice(value, end) };
}
