import type { Finding } from '../../contracts/components.js';
import { aliasFault, normalAlias } from './alias-compiler.js';
import { AliasTable, type CompiledAlias } from './alias-table.js';
import type { ChannelParts } from './channel-compiler.js';
import type { CompiledChannel } from './compiled-channel.js';
import { depthOf } from './normal-path.js';
import type { Routes } from './route-table.js';

/** One channel as it was compiled, with what it was compiled from: records that are the same objects need no second look. */
export interface Entry {
  readonly parts: ChannelParts;
  readonly channel: CompiledChannel;
  readonly isGood: boolean;
  readonly aliases: readonly CompiledAlias[];
  readonly findings: readonly Finding[];
}

interface Changes {
  readonly before: ReadonlyMap<string, Entry>;
  readonly changed: ReadonlyMap<string, Entry>;
  readonly removed: readonly string[];
}

/** A table that comes together: channels by id, and who serves which alias. */
export class RouteAssembly {
  private losers: CompiledAlias[] = [];
  private deepest = 0;

  constructor(
    private readonly channels = new Map<string, CompiledChannel>(),
    private readonly byPath = new Map<string, CompiledAlias>(),
  ) {}

  add(entry: Entry): void {
    this.channels.set(entry.channel.id, entry.channel);
    for (const alias of entry.aliases) this.claim(alias);
  }

  /**
   * This one with a few changes, or null where that needs a look at everything: many changes, or aliases that several claim (one that
   * goes may leave its path to another). Copying maps costs a tenth of making them.
   */
  changed({ before, changed, removed }: Changes): RouteAssembly | null {
    if (this.losers.length > 0 || changed.size + removed.length > before.size / 8) return null;
    const next = new RouteAssembly(new Map(this.channels), new Map(this.byPath));
    next.deepest = this.deepest;
    for (const id of [...removed, ...changed.keys()]) {
      next.channels.delete(id);
      for (const alias of before.get(id)?.aliases ?? []) next.byPath.delete(alias.path);
    }
    for (const entry of changed.values()) next.add(entry);
    return next.losers.length > 0 ? null : next;
  }

  routes(revision: number): Routes {
    return { revision, channels: this.channels, aliases: new AliasTable(this.byPath, this.deepest) };
  }

  lostClaims(entries: ReadonlyMap<string, Entry>): Finding[] {
    return this.losers.map((loser) => {
      const winner = this.byPath.get(loser.path)!.channel;
      const { channel } = entries.get(loser.channel.id)!.parts;
      const index = (channel.record?.aliases ?? []).findIndex((record) => normalAlias(record.alias) === loser.path);
      const message = `channel "${winner.id}" has the alias "${loser.path}" too, and serves it: name one of them otherwise`;
      return aliasFault(channel, index === -1 ? '/aliases' : `/aliases/${index}`, message);
    });
  }

  /** Claimed by two channels, the lower id serves it and the other has a fault of that alias only. */
  private claim(alias: CompiledAlias): void {
    const other = this.byPath.get(alias.path);
    const wins = other === undefined || other.channel === alias.channel || alias.channel.id < other.channel.id;
    if (wins) this.byPath.set(alias.path, alias);
    if (other !== undefined && other.channel !== alias.channel) this.losers.push(wins ? other : alias);
    this.deepest = Math.max(this.deepest, depthOf(alias.path));
  }
}
