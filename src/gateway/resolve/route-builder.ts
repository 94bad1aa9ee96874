import type { Component, ComponentSet, Finding } from '../../contracts/components.js';
import type { RateStores } from '../../contracts/rate-store.js';
import type { Targets } from '../execute/targets.js';
import { compiledAliases } from './alias-compiler.js';
import type { ChannelCompiler, ChannelParts } from './channel-compiler.js';
import { finding } from './compiler-finding.js';
import { rateStoreOf } from './limit-findings.js';
import { RouteAssembly, type Entry } from './route-assembly.js';
import type { RouteTable, Routes } from './route-table.js';
import { Slice } from './slice.js';

export interface BuiltRoutes {
  readonly routes: Routes;
  readonly findings: readonly Finding[];
  readonly targetKeys: ReadonlySet<string>;
}

/** Makes a route table from a set of components: only what changed is compiled, beside the table that goes on serving. */
export class RouteBuilder {
  private entries: ReadonlyMap<string, Entry> = new Map();
  private assembly = new RouteAssembly();
  /** The last version of each system that a channel was compiled with. */
  private readonly goodSystems = new Map<string, Component<'system'>>();
  private readonly systemChecks = new WeakMap<Component, readonly Finding[]>();

  constructor(
    private readonly compiler: ChannelCompiler,
    private readonly stores: Pick<RateStores, 'choose' | 'check'>,
    /** First segments of paths that are the gateway's own here. */
    private readonly taken: ReadonlySet<string> = new Set(),
  ) {}

  async build(set: ComponentSet): Promise<BuiltRoutes> {
    const slice = new Slice();
    const changed = new Map<string, Entry>();
    let met = 0;
    for (const component of set.records.channel.values()) {
      if (!component.active) continue;
      const known = this.entries.get(component.id);
      if (known !== undefined) met++;
      if (known === undefined || !isMadeFrom(known.parts, component, set) || !this.countsThere(known.parts, set)) {
        changed.set(component.id, this.compiled(this.partsOf(component, set), known));
      }
      if (slice.isOver()) await slice.next();
    }
    this.compiler.forget(set.records.token);
    for (const id of this.goodSystems.keys()) if (!set.records.system.has(id)) this.goodSystems.delete(id);
    const entries = new Map(this.entries);
    const removed = met < entries.size ? [...entries.keys()].filter((id) => !isActive(id, set)) : [];
    for (const id of removed) entries.delete(id);
    for (const [id, entry] of changed) entries.set(id, entry);
    if (slice.isOver()) await slice.next();
    const assembly =
      this.assembly.changed({ before: this.entries, changed, removed }) ?? (await this.assembled(entries, slice));
    const built = this.outcome(set, entries, assembly);
    this.entries = entries;
    this.assembly = assembly;
    return built;
  }

  private partsOf(channel: Component<'channel'>, set: ComponentSet): ChannelParts {
    return { ...partsOf(channel, set), rates: rateStoreOf(channel, set, this.stores) };
  }

  /** Whether the limits of its users are still counted where they were. */
  private countsThere({ channel, rates }: ChannelParts, set: ComponentSet): boolean {
    if (rates === null) return true;
    const now = rateStoreOf(channel, set, this.stores);
    return now?.store === rates.store && now?.finding?.message === rates.finding?.message;
  }

  private compiled(parts: ChannelParts, known: Entry | undefined): Entry {
    const newest = this.compiler.compile(parts);
    const { findings } = newest;
    const older =
      newest.isGood || isSystemAlone(parts, known) ? undefined : this.goodSystems.get(parts.system?.id ?? '');
    // A system at fault leaves its own last good version in force: its channels go on changing.
    const { channel, isGood } = older === undefined ? newest : this.compiler.compile({ ...parts, system: older });
    // What cannot be compiled leaves its last good version in force; what it was made from is remembered, so that it is tried once.
    const keepsLast = !isGood && known !== undefined && known.isGood && known.channel.outOfForce === null;
    if (keepsLast) return { parts, channel: known.channel, isGood: true, aliases: known.aliases, findings };
    if (newest.isGood && channel.outOfForce === null && parts.system !== undefined)
      this.goodSystems.set(parts.system.id, parts.system);
    const { aliases, broken } = compiledAliases(parts, channel, this.taken);
    return { parts, channel, isGood, aliases, findings: broken.length === 0 ? findings : [...findings, ...broken] };
  }

  private async assembled(entries: ReadonlyMap<string, Entry>, slice: Slice): Promise<RouteAssembly> {
    const assembly = new RouteAssembly();
    for (const entry of entries.values()) {
      assembly.add(entry);
      if (slice.isOver()) await slice.next();
    }
    return assembly;
  }

  private outcome(set: ComponentSet, entries: ReadonlyMap<string, Entry>, assembly: RouteAssembly): BuiltRoutes {
    const findings = new Map<string, Finding>();
    const targetKeys = new Set<string>();
    const used = new Set<string>();
    const note = (finding: Finding): void => void findings.set(keyOf(finding), finding);
    for (const entry of entries.values()) {
      if (entry.channel.targetKey !== null) targetKeys.add(entry.channel.targetKey);
      if (entry.parts.system !== undefined) used.add(entry.parts.system.id);
      entry.findings.forEach(note);
    }
    assembly.lostClaims(entries).forEach(note);
    for (const token of set.records.token.values()) {
      if (!token.active) continue;
      this.compiler.checkToken(token).forEach(note);
      this.missingServers(token, set).forEach(note);
    }
    for (const service of set.records.service.values()) this.checkedService(service).forEach(note);
    for (const system of set.records.system.values()) {
      if (system.active && !used.has(system.id)) this.checkedSystem(system).forEach(note);
    }
    return { routes: assembly.routes(set.revision), findings: [...findings.values()], targetKeys };
  }

  /** Servers that a token names and that are not there: its flows could only fail. */
  private missingServers(token: Component<'token'>, set: ComponentSet): Finding[] {
    return this.compiler
      .serversOf(token)
      .filter(({ channel }) => !isActive(channel, set))
      .map(({ pointer, channel }) =>
        finding(
          { kind: 'token', component: token },
          pointer,
          `there is no active channel "${channel}"`,
          17003,
          'warning',
        ),
      );
  }

  private checkedService(service: Component<'service'>): readonly Finding[] {
    const found = service.active ? this.stores.check(service) : null;
    if (found === null) return [];
    const { severity, message } = found;
    const { id, file } = service;
    const place = { kind: 'service', id, severity, pointer: '/parameters', code: SERVICE_AT_FAULT, message } as const;
    return [file === undefined ? place : { ...place, file }];
  }

  private checkedSystem(system: Component<'system'>): readonly Finding[] {
    const known = this.systemChecks.get(system);
    if (known !== undefined) return known;
    const findings = this.compiler.checkSystem(system);
    this.systemChecks.set(system, findings);
    return findings;
  }
}

/** Whether nothing but its system has changed since a channel was compiled. */
function isSystemAlone({ channel, authToken, anonymousToken }: ChannelParts, known: Entry | undefined): boolean {
  const before = known?.parts;
  return before?.channel === channel && before.authToken === authToken && before.anonymousToken === anonymousToken;
}

const SERVICE_AT_FAULT = 17003;

function partsOf(channel: Component<'channel'>, set: ComponentSet): Omit<ChannelParts, 'rates'> {
  const { record } = channel;
  const { system, token } = set.records;
  return {
    channel,
    system: record?.system === undefined ? undefined : system.get(record.system),
    authToken: record?.authToken === undefined ? undefined : token.get(record.authToken),
    anonymousToken: record?.anonymousToken === undefined ? undefined : token.get(record.anonymousToken),
  };
}

function isMadeFrom(parts: ChannelParts, channel: Component<'channel'>, { records }: ComponentSet): boolean {
  if (parts.channel !== channel) return false;
  const { record } = channel;
  const { system, token } = records;
  return (
    (record?.system === undefined || parts.system === system.get(record.system)) &&
    (record?.authToken === undefined || parts.authToken === token.get(record.authToken)) &&
    (record?.anonymousToken === undefined || parts.anonymousToken === token.get(record.anonymousToken))
  );
}

function isActive(id: string, { records }: ComponentSet): boolean {
  return records.channel.get(id)?.active === true;
}

function keyOf(finding: Finding): string {
  return `${finding.kind} ${finding.id} ${finding.pointer} ${finding.message}`;
}

/** Follows the components: each new set becomes the table in force, then what it no longer uses is closed. */
export class RouteKeeper {
  // eslint-disable-next-line max-params -- what it brings together
  constructor(
    private readonly builder: RouteBuilder,
    private readonly routes: RouteTable,
    private readonly targets: Targets,
    private readonly report: (findings: readonly Finding[]) => void,
    /** The new table is in force. */
    private readonly swapped: (set: ComponentSet) => void = () => undefined,
  ) {}

  async follow(set: ComponentSet): Promise<void> {
    const built = await this.builder.build(set);
    this.routes.swap(built.routes);
    this.targets.retain(built.targetKeys);
    this.swapped(set);
    this.report(built.findings);
  }
}
