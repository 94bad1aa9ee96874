import type { Component, Finding } from '../../contracts/components.js';
import type { RateStoreChoice } from '../../contracts/rate-store.js';
import type { ChannelRecord, ResponseHeaders } from '../../contracts/records.js';
import type { CallerStages } from '../authorize/authorize.stage.js';
import type { LimitStates } from '../limit/channel-limits.js';
import type { TokenKind } from '../identify/token-kind.js';
import { refusal, type Refusal, type Stage } from '../stage.js';
import type { CompiledChannel } from './compiled-channel.js';
import { finding, type Place } from './compiler-finding.js';
import { readLimits, type ReadLimits } from './limit-findings.js';
import { namedServers, unverifiable, type NamedServer } from './server-findings.js';
import type { TokenKinds } from './token-kinds.js';
import { RuleCompilers } from './rule-compiler.js';
import { allowedHeaders, SystemWays, type Way, type WaySurroundings } from './system-ways.js';

const CHANNEL_BROKEN = refusal('CHANNEL_BROKEN');
const SERVICE_MISSING = refusal('SERVICE_MISSING');
const SYSTEM_UNKNOWN = refusal('SYSTEM_UNKNOWN');
const TOKEN_RECORD_MISSING = refusal('TOKEN_RECORD_MISSING');

/** The records that one channel is made from. A record that is missing is undefined. */
export interface ChannelParts {
  readonly channel: Component<'channel'>;
  readonly system: Component<'system'> | undefined;
  readonly authToken: Component<'token'> | undefined;
  readonly anonymousToken: Component<'token'> | undefined;
  /** Where the limits of users are counted; null: the record has none. */
  readonly rates: RateStoreChoice | null;
}

export interface CompiledParts {
  readonly channel: CompiledChannel;
  readonly findings: readonly Finding[];
  /** False where the records cannot be compiled: the last good version stays in force. */
  readonly isGood: boolean;
}

/** What all channels are compiled with. */
export interface ChannelSurroundings extends WaySurroundings {
  readonly tokens: TokenKinds;
  readonly limits: LimitStates;
  /** Find out who calls. */
  readonly stages: CallerStages & { readonly limit: Stage };
  readonly plainHeaders: ResponseHeaders;
}

/** channel + system + token records → CompiledChannel: the only bridge between what is stored and what serves. */
export class ChannelCompiler {
  private readonly ways: SystemWays;
  private readonly rules: RuleCompilers;
  private readonly tokens: TokenKinds;
  private readonly limits: LimitStates;

  constructor(surroundings: ChannelSurroundings) {
    this.ways = new SystemWays(surroundings);
    this.tokens = surroundings.tokens;
    this.limits = surroundings.limits;
    this.rules = new RuleCompilers(surroundings.plainHeaders, surroundings.stages);
  }

  /** Lets go of what the channels of one build shared, and of tokens that are gone; at its end. */
  forget(tokens: { has(id: string): boolean }): void {
    this.rules.forget();
    this.tokens.retain(tokens);
  }

  compile(parts: ChannelParts): CompiledParts {
    const { channel } = parts;
    const findings: Finding[] = [];
    const { record } = channel;
    if (record === null) return { channel: outOfForce(parts, CHANNEL_BROKEN), findings, isGood: false };
    const missing = this.missingPart(parts, record, findings);
    if (missing !== null) {
      return { channel: this.assemble(parts, record, null, missing), findings, isGood: missing !== CHANNEL_BROKEN };
    }
    const way = this.ways.find(parts, record, findings);
    const limits = readLimits(record, channel, parts.rates);
    const place: Place = { kind: 'channel', component: channel };
    findings.push(...limits.findings, ...unverifiable(kindOf(this.tokens, parts.authToken), record, place));
    if (way === null || limits.lacks !== null) {
      const refused = limits.lacks === 'store' ? SERVICE_MISSING : CHANNEL_BROKEN;
      return { channel: this.assemble(parts, record, null, refused), findings, isGood: false };
    }
    return { channel: this.assemble(parts, record, way, null, limits), findings, isGood: true };
  }

  /** Findings of a token, whoever uses it. */
  checkToken(token: Component<'token'>): readonly Finding[] {
    return token.record === null ? [] : this.tokens.compiled(token).findings;
  }

  /** Channels of authentication and session servers that a token names, each with its place in the record. */
  serversOf(token: Component<'token'>): readonly NamedServer[] {
    return namedServers(token.record === null ? null : this.tokens.find(token));
  }

  /** Findings of a system that no channel uses; one that is used is checked together with what its channels add. */
  checkSystem(system: Component<'system'>): Finding[] {
    return this.ways.check(system);
  }

  private missingPart(parts: ChannelParts, record: ChannelRecord, findings: Finding[]): Refusal | null {
    for (const [field, token] of [
      ['authToken', parts.authToken],
      ['anonymousToken', parts.anonymousToken],
    ] as const) {
      const id = record[field];
      const kind = token === undefined ? null : this.tokens.find(token);
      // Who makes no tokens lets no guest in.
      if (id === undefined || (kind !== null && (kind.issues || field === 'authToken'))) continue;
      const message = token?.active === true ? `the token "${id}" cannot be used` : `there is no active token "${id}"`;
      findings.push(finding({ kind: 'channel', component: parts.channel }, `/${field}`, message, 17003));
      return TOKEN_RECORD_MISSING;
    }
    if (record.system === undefined) return null;
    const { system } = parts;
    if (system === undefined || !system.active) {
      findings.push(
        finding(
          { kind: 'channel', component: parts.channel },
          '/system',
          `there is no active system "${record.system}"`,
          17002,
        ),
      );
      return SYSTEM_UNKNOWN;
    }
    return system.record === null ? CHANNEL_BROKEN : null;
  }

  // eslint-disable-next-line max-params -- what a channel comes to
  private assemble(
    parts: ChannelParts,
    record: ChannelRecord,
    way: Way | null,
    refused: Refusal | null,
    { rules, store }: Pick<ReadLimits, 'rules' | 'store'> = NO_LIMITS,
  ): CompiledChannel {
    return {
      ...identityOf(parts),
      targetKey: way?.target.key ?? null,
      protected: {
        kind: 'channel',
        id: parts.channel.id,
        userToken: record.authToken ?? null,
        guestToken: record.anonymousToken ?? null,
        rules: record.paths ?? {},
      },
      userKind: kindOf(this.tokens, parts.authToken),
      guestKind: kindOf(this.tokens, parts.anonymousToken),
      nobody:
        (kindOf(this.tokens, parts.authToken) ?? kindOf(this.tokens, parts.anonymousToken))?.claims.nobody ?? null,
      limits: rules === null ? null : this.limits.of(parts.channel.id, rules, store),
      paths: this.rules.paths(record, rules !== null && (rules.globalRate !== null || rules.userRate !== null)),
      allowedRunnerHeaders: allowedHeaders(record),
      outOfForce: refused,
      target: way?.target ?? null,
      callee: way?.callee ?? null,
    };
  }
}

/** A channel that is out of force never comes to it. */
const NEVER: Stage = { name: 'never', run: () => CHANNEL_BROKEN };
const NO_LIMITS = { rules: null, store: null };
const NOBODY_ASKS = { identify: NEVER, verify: NEVER, session: NEVER, limit: NEVER };

function kindOf(tokens: TokenKinds, token: Component<'token'> | undefined): TokenKind | null {
  return token === undefined ? null : tokens.find(token);
}

function identityOf(parts: ChannelParts): Pick<CompiledChannel, 'id' | 'idText' | 'versions'> {
  return {
    id: parts.channel.id,
    idText: JSON.stringify(parts.channel.id),
    versions: {
      channel: parts.channel.version,
      system: parts.system?.version ?? null,
      token: parts.authToken?.version ?? null,
    },
  };
}

/** A channel that was never good: every call is answered with why. */
function outOfForce(parts: ChannelParts, refused: Refusal): CompiledChannel {
  return {
    ...identityOf(parts),
    targetKey: null,
    protected: { kind: 'channel', id: parts.channel.id, userToken: null, guestToken: null, rules: {} },
    userKind: null,
    guestKind: null,
    nobody: null,
    limits: null,
    paths: new RuleCompilers({}, NOBODY_ASKS).paths({}),
    allowedRunnerHeaders: new Set(),
    outOfForce: refused,
    target: null,
    callee: null,
  };
}
