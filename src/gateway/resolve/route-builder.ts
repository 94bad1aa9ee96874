import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Component, ComponentSet, Finding } from '../../contracts/components.js';
import type { AliasRecord } from '../../contracts/records.js';
import type { Targets } from '../execute/targets.js';
import { AliasTable, type CompiledAlias } from './alias-table.js';
import type { ChannelCompiler, ChannelParts } from './channel-compiler.js';
import type { CompiledChannel } from './compiled-channel.js';
import { HeaderMap } from './header-map.js';
import { normalRuleKey } from './path-rules.js';
import type { RouteTable, Routes } from './route-table.js';

/** ms that compiling may hold the event loop at a stretch: requests are served in between. */
const SLICE_MS = 4;

/** One channel as it was compiled, with what it was compiled from: records that are the same objects need no second look. */
interface Entry {
  readonly parts: ChannelParts;
  readonly channel: CompiledChannel;
  readonly isGood: boolean;
  readonly aliases: readonly CompiledAlias[];
  readonly findings: readonly Finding[];
}

export interface BuiltRoutes {
  readonly routes: Routes;
  readonly findings: readonly Finding[];
  readonly targetKeys: ReadonlySet<string>;
}

/** Makes a route table from a set of components: only what changed is compiled, beside the table that goes on serving. */
export class RouteBuilder {
  private entries: ReadonlyMap<string, Entry> = new Map();
  private readonly systemChecks = new WeakMap<Component, readonly Finding[]>();

  constructor(private readonly compiler: ChannelCompiler) {}

  async build(set: ComponentSet): Promise<BuiltRoutes> {
    const slice = new Slice();
    const entries = new Map<string, Entry>();
    for (const component of set.records.channel.values()) {
      if (!component.active) continue;
      entries.set(component.id, this.entryOf(partsOf(component, set)));
      if (slice.isOver()) await slice.next();
    }
    const built = await this.assemble(set, entries, slice);
    this.entries = entries;
    return built;
  }

  private entryOf(parts: ChannelParts): Entry {
    const known = this.entries.get(parts.channel.id);
    if (known !== undefined && areSame(known.parts, parts)) return known;
    const { channel, findings, isGood } = this.compiler.compile(parts);
    // What cannot be compiled leaves its last good version in force; what it was made from is remembered, so that it is tried once.
    const keepsLast = !isGood && known !== undefined && known.isGood && known.channel.outOfForce === null;
    if (keepsLast) return { parts, channel: known.channel, isGood: true, aliases: known.aliases, findings };
    const made = (parts.channel.record?.aliases ?? []).map((alias, index) => compiledAlias(alias, channel) ?? index);
    const broken = made.filter((alias) => typeof alias === 'number').map((index) => brokenAlias(parts.channel, index));
    const aliases = made.filter((alias) => typeof alias !== 'number');
    return { parts, channel, isGood, aliases, findings: [...findings, ...broken] };
  }

  private async assemble(set: ComponentSet, entries: ReadonlyMap<string, Entry>, slice: Slice): Promise<BuiltRoutes> {
    const channels = new Map<string, CompiledChannel>();
    const byPath = new Map<string, CompiledAlias>();
    const findings = new Map<string, Finding>();
    const targetKeys = new Set<string>();
    const used = new Set<string>();
    const losers: CompiledAlias[] = [];
    for (const [id, entry] of entries) {
      channels.set(id, entry.channel);
      if (entry.channel.targetKey !== null) targetKeys.add(entry.channel.targetKey);
      if (entry.parts.system !== undefined) used.add(entry.parts.system.id);
      for (const alias of entry.aliases) claim(byPath, alias, losers);
      for (const finding of entry.findings) findings.set(keyOf(finding), finding);
      if (slice.isOver()) await slice.next();
    }
    for (const loser of losers) {
      const finding = lostClaim(loser, byPath.get(loser.path)!.channel, entries.get(loser.channel.id)!.parts);
      findings.set(keyOf(finding), finding);
    }
    for (const system of set.records.system.values()) {
      if (!system.active || used.has(system.id)) continue;
      for (const finding of this.checkedSystem(system)) findings.set(keyOf(finding), finding);
    }
    return {
      routes: { revision: set.revision, channels, aliases: new AliasTable(byPath) },
      findings: [...findings.values()],
      targetKeys,
    };
  }

  private checkedSystem(system: Component<'system'>): readonly Finding[] {
    const known = this.systemChecks.get(system);
    if (known !== undefined) return known;
    const findings = this.compiler.checkSystem(system);
    this.systemChecks.set(system, findings);
    return findings;
  }
}

function partsOf(channel: Component<'channel'>, set: ComponentSet): ChannelParts {
  const { record } = channel;
  const { system, token } = set.records;
  return {
    channel,
    system: record?.system === undefined ? undefined : system.get(record.system),
    authToken: record?.authToken === undefined ? undefined : token.get(record.authToken),
    anonymousToken: record?.anonymousToken === undefined ? undefined : token.get(record.anonymousToken),
  };
}

function areSame(a: ChannelParts, b: ChannelParts): boolean {
  return (
    a.channel === b.channel &&
    a.system === b.system &&
    a.authToken === b.authToken &&
    a.anonymousToken === b.anonymousToken
  );
}

/** Null where its header map cannot be compiled: a fault of that alias only. */
function compiledAlias(alias: AliasRecord, channel: CompiledChannel): CompiledAlias | null {
  const hasMap = alias.headerMap !== undefined && Object.keys(alias.headerMap).length > 0;
  try {
    const headerMap = hasMap ? new HeaderMap(alias.headerMap) : null;
    return { path: normalAlias(alias.alias), channel, target: normalAlias(alias.target), headerMap };
  } catch {
    return null;
  }
}

function brokenAlias({ id, file }: Component<'channel'>, index: number): Finding {
  return {
    kind: 'channel',
    id,
    severity: 'fault',
    pointer: `/aliases/${index}/headerMap`,
    code: 17001,
    message: 'holds an expression that is no JMESPath: this alias is not served',
    ...(file === undefined ? {} : { file }),
  };
}

function normalAlias(path: string): string {
  const key = normalRuleKey(path).replace(/\/{2,}/g, '/');
  return key.length > 1 && key.endsWith('/') ? key.slice(0, -1) : key;
}

/** Claimed by two channels, the lower id serves it and the other has a fault of that alias only. */
function claim(byPath: Map<string, CompiledAlias>, alias: CompiledAlias, losers: CompiledAlias[]): void {
  const other = byPath.get(alias.path);
  if (other === undefined || other.channel === alias.channel) {
    byPath.set(alias.path, alias);
    return;
  }
  const [winner, loser] = other.channel.id < alias.channel.id ? [other, alias] : [alias, other];
  byPath.set(alias.path, winner);
  losers.push(loser);
}

function lostClaim(loser: CompiledAlias, winner: CompiledChannel, { channel }: ChannelParts): Finding {
  const index = (channel.record?.aliases ?? []).findIndex((record) => normalAlias(record.alias) === loser.path);
  return {
    kind: 'channel',
    id: loser.channel.id,
    severity: 'fault',
    pointer: index === -1 ? '/aliases' : `/aliases/${index}`,
    code: 17001,
    message: `channel "${winner.id}" has the alias "${loser.path}" too, and serves it: name one of them otherwise`,
    ...(channel.file === undefined ? {} : { file: channel.file }),
  };
}

function keyOf(finding: Finding): string {
  return `${finding.kind} ${finding.id} ${finding.pointer} ${finding.message}`;
}

class Slice {
  private begun = performance.now();

  isOver(): boolean {
    return performance.now() - this.begun > SLICE_MS;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.begun = performance.now();
  }
}

/** Follows the components: each new set becomes the table in force, then what it no longer uses is closed. */
export class RouteKeeper {
  constructor(
    private readonly builder: RouteBuilder,
    private readonly routes: RouteTable,
    private readonly targets: Targets,
    private readonly report: (findings: readonly Finding[]) => void,
  ) {}

  async follow(set: ComponentSet): Promise<void> {
    const built = await this.builder.build(set);
    this.routes.swap(built.routes);
    this.targets.retain(built.targetKeys);
    this.report(built.findings);
  }
}
