import type { Component, Finding } from '../../contracts/components.js';
import { ParametersRejected, type Callee, type Target } from '../../contracts/executor.js';
import type { RateStoreChoice } from '../../contracts/rate-store.js';
import type { ChannelRecord, ResponseHeaders } from '../../contracts/records.js';
import type { CallerStages } from '../authorize/authorize.stage.js';
import type { ExecutorRegistry } from '../execute/executor.registry.js';
import type { Targets } from '../execute/targets.js';
import type { LimitStates } from '../limit/channel-limits.js';
import { limitRulesOf, type LimitRules } from '../limit/limit-rules.js';
import type { TokenKind } from '../identify/token-kind.js';
import { refusal, type Refusal, type Stage } from '../stage.js';
import type { CompiledChannel } from './compiled-channel.js';
import { CONFIGURATION, finding, parameterFinding, type Place } from './compiler-finding.js';
import { namedServers, unverifiable, type NamedServer } from './server-findings.js';
import type { TokenKinds } from './token-kinds.js';
import { RuleCompilers } from './rule-compiler.js';
import { parameterWarnings, readingOf, type FoundExecutor, type Reading } from './system-reading.js';

/** A service that a channel names, and that is missing or cannot be used. */
const SERVICE_AT_FAULT = 17003;
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
export interface ChannelSurroundings {
  readonly executors: ExecutorRegistry;
  readonly targets: Targets;
  readonly tokens: TokenKinds;
  readonly limits: LimitStates;
  /** Find out who calls. */
  readonly stages: CallerStages & { readonly limit: Stage };
  readonly maxBufferedBytes: number;
  readonly plainHeaders: ResponseHeaders;
}

interface Way {
  readonly target: Target;
  readonly callee: Callee;
}

/** channel + system + token records → CompiledChannel: the only bridge between what is stored and what serves. */
export class ChannelCompiler {
  private readonly readings = new WeakMap<Component, Reading>();
  private readonly rules: RuleCompilers;
  private readonly executors: ExecutorRegistry;
  private readonly targets: Targets;
  private readonly tokens: TokenKinds;
  private readonly limits: LimitStates;
  private readonly maxBufferedBytes: number;

  constructor(surroundings: ChannelSurroundings) {
    this.executors = surroundings.executors;
    this.targets = surroundings.targets;
    this.tokens = surroundings.tokens;
    this.limits = surroundings.limits;
    this.maxBufferedBytes = surroundings.maxBufferedBytes;
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
    const way = this.findWay(parts, record, findings);
    const limits = limitRulesOf(record, channel.id);
    const place: Place = { kind: 'channel', component: channel };
    for (const { pointer, message } of limits.faults) findings.push(finding(place, pointer, message, CONFIGURATION));
    for (const { pointer, message } of limits.warnings)
      findings.push(finding(place, pointer, message, CONFIGURATION, 'warning'));
    const choice = (limits.rules?.userRate ?? null) === null ? null : parts.rates;
    if (choice !== null && choice.finding !== null) {
      const { severity, message } = choice.finding;
      findings.push(finding(place, '/userRateLimit/service', message, SERVICE_AT_FAULT, severity));
    }
    findings.push(...unverifiable(kindOf(this.tokens, parts.authToken), record, place));
    const lacksStore = choice?.finding?.severity === 'fault';
    // Without its limits a channel does not open.
    if (way === null || limits.faults.length > 0 || lacksStore) {
      const refused = lacksStore ? SERVICE_MISSING : CHANNEL_BROKEN;
      return { channel: this.assemble(parts, record, null, refused), findings, isGood: false };
    }
    return { channel: this.assemble(parts, record, way, null, limits.rules), findings, isGood: true };
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
    const findings: Finding[] = [];
    const { record } = system;
    if (record === null) return findings;
    const place: Place = { kind: 'system', component: system };
    const found = this.executors.find(record.executor);
    if (found === null) return [this.unknownExecutor(place, record.executor)];
    const { parameters: given = {} } = record;
    findings.push(...parameterWarnings(place, given, found.executor));
    const { parameters, key } = this.systemReading(system, place, found);
    try {
      // To prepare is not to open: a target that nobody calls has nothing to close.
      found.executor.prepare(parameters, { name: system.id, key, maxBufferedBytes: this.maxBufferedBytes });
    } catch (error) {
      if (!(error instanceof ParametersRejected)) throw error;
      // What is missing a channel may still give.
      for (const { parameter, message } of error.faults) {
        if (Object.hasOwn(given, parameter))
          findings.push(parameterFinding(place, parameter, `${parameter} ${message}`, 'fault'));
      }
    }
    return findings;
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

  private findWay(parts: ChannelParts, record: ChannelRecord, findings: Finding[]): Way | null {
    const system = parts.system?.record ?? null;
    const channelPlace: Place = { kind: 'channel', component: parts.channel };
    const systemPlace: Place = system === null ? channelPlace : { kind: 'system', component: parts.system! };
    const name = record.executor ?? system?.executor ?? '';
    const namedBy = record.executor === undefined ? systemPlace : channelPlace;
    const found = this.executors.find(name);
    if (found === null) {
      findings.push(this.unknownExecutor(namedBy, name));
      return null;
    }
    if (record.parameters !== undefined) {
      findings.push(...parameterWarnings(channelPlace, record.parameters, found.executor));
    }
    const { parameters, key, warnings } =
      record.parameters === undefined && record.executor === undefined
        ? this.systemReading(parts.system!, systemPlace, found)
        : readingOf(systemPlace, system?.parameters, record.parameters, found);
    findings.push(...warnings);
    try {
      const target = this.targets.get(found.executor, parameters, {
        name: system === null ? parts.channel.id : parts.system!.id,
        key,
        maxBufferedBytes: this.maxBufferedBytes,
      });
      const callee = target.bind({
        channel: parts.channel.id,
        target: record.target ?? '/',
        method: record.method?.toUpperCase() ?? null,
        allowedRunnerHeaders: allowedHeaders(record),
      });
      return { target, callee };
    } catch (error) {
      if (!(error instanceof ParametersRejected)) throw error;
      for (const fault of error.faults) {
        const place = record.parameters?.[fault.parameter] === undefined ? systemPlace : channelPlace;
        findings.push(parameterFinding(place, fault.parameter, `${fault.parameter} ${fault.message}`, 'fault'));
      }
      return null;
    }
  }

  /** A system that channels take as it is, is read once for all of them. */
  private systemReading(system: Component<'system'>, place: Place, found: FoundExecutor): Reading {
    let reading = this.readings.get(system);
    if (reading === undefined) {
      reading = readingOf(place, system.record?.parameters, undefined, found);
      this.readings.set(system, reading);
    }
    return reading;
  }

  private unknownExecutor(place: Place, name: string): Finding {
    const known = this.executors.names().join(', ');
    return finding(place, '/executor', `"${name}" is no executor; there are: ${known}`, CONFIGURATION);
  }

  // eslint-disable-next-line max-params -- what a channel comes to
  private assemble(
    parts: ChannelParts,
    record: ChannelRecord,
    way: Way | null,
    refused: Refusal | null,
    limits: LimitRules | null = null,
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
      limits: limits === null ? null : this.limits.of(parts.channel.id, limits, parts.rates?.store ?? null),
      paths: this.rules.paths(record, limits !== null && (limits.globalRate !== null || limits.userRate !== null)),
      allowedRunnerHeaders: allowedHeaders(record),
      outOfForce: refused,
      target: way?.target ?? null,
      callee: way?.callee ?? null,
    };
  }
}

/** A channel that is out of force never comes to it. */
const NEVER: Stage = { name: 'never', run: () => CHANNEL_BROKEN };
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

function allowedHeaders(record: ChannelRecord): ReadonlySet<string> {
  return new Set((record.allowedRunnerHeaders ?? []).map((name) => name.toLowerCase()));
}
