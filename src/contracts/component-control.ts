import type { Finding } from './components.js';
import type { ComponentKind } from './records.js';

/** What is in force of one component, as anybody who may ask is shown it: secrets masked, lookups as they are written. */
export interface ShownComponent {
  readonly component: ComponentKind;
  readonly id: string;
  /** Null where the record is at fault and never was good. */
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly version: string;
  readonly active: boolean;
  readonly findings: readonly Finding[];
}

/** The original's Control API (spec/apis.md): SHOW and REFRESH, of one component or, by id `*`, of all of the kind. */
export interface ComponentControl {
  /** The list of one or of all; null where there is no such component. */
  show(component: ComponentKind, id: string): readonly ShownComponent[] | null;
  /**
   * Looks at the whole source, whatever is named (what is unchanged there costs next to nothing), and settles when what was found is
   * in force.
   */
  refresh(options?: { readonly acceptEmpty?: boolean }): Promise<RefreshOutcome>;
}
export const COMPONENT_CONTROL = Symbol('ComponentControl');

export interface RefreshOutcome {
  /** Of the set in force; 0 where there is none yet. */
  readonly revision: number;
  readonly components: Readonly<Record<ComponentKind, number>>;
  readonly findings: readonly Finding[];
}
