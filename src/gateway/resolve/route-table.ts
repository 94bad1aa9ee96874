import { AliasTable } from './alias-table.js';
import type { CompiledChannel } from './compiled-channel.js';

/** Everything that a request can be routed by, at one moment. Frozen: a reload makes another. */
export interface Routes {
  readonly revision: number;
  readonly channels: ReadonlyMap<string, CompiledChannel>;
  readonly aliases: AliasTable;
}

const NOTHING: Routes = Object.freeze({ revision: 0, channels: new Map(), aliases: new AliasTable(new Map(), 0) });

/** The table in force. A request reads it once; one that has begun ends with what it found. */
export class RouteTable {
  current: Routes = NOTHING;

  /** Compile first, then swap: one reference, so nobody ever sees half of it. */
  swap(next: Routes): void {
    this.current = Object.freeze(next);
  }
}
