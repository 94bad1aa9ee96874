import type { ComponentControl, RefreshOutcome, ShownComponent } from '../contracts/component-control.js';
import type { Component, ComponentSource, FindingBoard, Finding } from '../contracts/components.js';
import { COMPONENT_KINDS, type ComponentKind } from '../contracts/records.js';
import type { Loader } from './loader.js';
import { maskRecord } from './mask-record.js';

/** Shows what is in force, and has the source looked at anew. */
export class SourceControl implements ComponentControl {
  constructor(
    private readonly source: ComponentSource,
    private readonly loader: Loader,
    private readonly board: FindingBoard,
  ) {}

  show(kind: ComponentKind, id: string): readonly ShownComponent[] | null {
    const components = this.source.current()?.records[kind] ?? new Map<string, Component>();
    const findings = this.board.standing();
    if (id === '*') return [...components.values()].map((component) => shown(component, findings));
    const component = components.get(id);
    return component === undefined ? null : [shown(component, findings)];
  }

  async refresh(options: { readonly acceptEmpty?: boolean } = {}): Promise<RefreshOutcome> {
    await this.loader.refresh(options);
    const set = this.source.current();
    const counts = COMPONENT_KINDS.map((kind) => {
      const components = [...(set?.records[kind].values() ?? [])];
      return [kind, components.filter(({ record }) => record !== null).length];
    });
    return {
      revision: set?.revision ?? 0,
      components: Object.fromEntries(counts) as Record<ComponentKind, number>,
      findings: this.board.standing(),
    };
  }
}

function shown({ kind, id, record, stored, version, active }: Component, findings: readonly Finding[]): ShownComponent {
  const fields = record === null ? null : (stored ?? record);
  return {
    component: kind,
    id,
    data: fields === null ? null : maskRecord(kind, fields),
    version,
    active: active && record !== null,
    findings: findings.filter((finding) => finding.kind === kind && finding.id === id),
  };
}
