import type { ComponentControl, ShownComponent } from '../../contracts/component-control.js';
import { COMPONENT_KINDS, type ComponentKind } from '../../contracts/records.js';
import { Refused } from '../../low-rate/refused.js';
import { inputRefused } from '../input/input-faults.js';

export interface ShownComponents {
  readonly list: readonly ShownComponent[];
  readonly total: number;
}
export type Shown = ShownComponent | ShownComponents;

export interface Addressed {
  /** As it was sent. */
  readonly component: string;
  readonly id: string;
}

const ALL = '*';
/** A finding of no single record, but of the load. */
const LOAD = '*';
const MOST_ID = 128;

/** SHOW and REFRESH of the original's Control API (spec/apis.md). */
export class ComponentCommands {
  constructor(private readonly control: ComponentControl) {}

  /** One component, or the list of all. @throws Refused KIND_UNKNOWN, COMPONENT_UNKNOWN */
  show({ component, id }: Addressed): Shown {
    const kind = kindNamed(component);
    refuseLong(id);
    const shown = this.control.show(kind, id);
    if (id === ALL) return { list: shown ?? [], total: shown?.length ?? 0 };
    const [one] = shown ?? [];
    if (one === undefined) throw new Refused('COMPONENT_UNKNOWN', { message: `there is no such ${kind}` });
    return one;
  }

  /** Looks at the source, here and at every other replica, and shows what is in force then. @throws Refused REFRESH_FAILED, too */
  async refresh(addressed: Addressed): Promise<Shown> {
    kindNamed(addressed.component);
    refuseLong(addressed.id);
    const { findings } = await this.control.refresh();
    if (findings.some(({ id, severity }) => id === LOAD && severity === 'fault')) throw new Refused('REFRESH_FAILED');
    return this.show(addressed);
  }

  /** @throws Refused COMMAND_UNKNOWN, too */
  run(command: string, addressed: Addressed): Shown | Promise<Shown> {
    switch (command.toUpperCase()) {
      case 'SHOW':
        return this.show(addressed);
      case 'REFRESH':
        return this.refresh(addressed);
      default:
        throw new Refused('COMMAND_UNKNOWN');
    }
  }
}

/** In any case, and as the plural that folders have, too. @throws Refused KIND_UNKNOWN */
function kindNamed(name: string): ComponentKind {
  const word = name.toLowerCase();
  const kind = COMPONENT_KINDS.find((known) => known === word || `${known}s` === word);
  if (kind === undefined) throw new Refused('KIND_UNKNOWN');
  return kind;
}

function refuseLong(id: string): void {
  if (id.length <= MOST_ID) return;
  throw inputRefused([{ pointer: '/id', message: `must be a text of 1 to ${MOST_ID} characters` }]);
}
