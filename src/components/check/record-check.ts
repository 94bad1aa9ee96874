import type { Finding } from '../../contracts/components.js';
import type { ComponentKind } from '../../contracts/records.js';

/** Wire codes of spec/runner-contract.md by kind. */
const CODES: Readonly<Record<ComponentKind, number>> = { system: 17001, channel: 17001, service: 17003, token: 17003 };
/** A record can be wrong in more places than anybody reads; what is past this is counted. */
const MOST_FINDINGS = 50;

export function findingOf(
  kind: ComponentKind,
  id: string,
  severity: Finding['severity'],
  rest: {
    readonly pointer?: string;
    readonly message: string;
    readonly file?: string | undefined;
    readonly line?: number | undefined;
  },
): Finding {
  const { pointer = '', message, file, line } = rest;
  return {
    kind,
    id,
    severity,
    pointer,
    code: CODES[kind],
    message,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
  };
}

/** Collects what one record's checks find. */
export class RecordCheck {
  private readonly found: Finding[] = [];
  private left = 0;
  /** Whether the record as a whole is out of force. */
  broken = false;

  constructor(
    readonly kind: ComponentKind,
    readonly id: string,
  ) {}

  /** The whole record is at fault: its last good version stays in force. */
  fault(pointer: string, message: string): void {
    this.broken = true;
    this.add('fault', pointer, message);
  }

  /** Only what the pointer names is at fault, and is left out. */
  partFault(pointer: string, message: string): void {
    this.add('fault', pointer, message);
  }

  warning(pointer: string, message: string): void {
    this.add('warning', pointer, message);
  }

  findings(): readonly Finding[] {
    if (this.left === 0) return this.found;
    const message = `The record has ${this.left} more findings; correct the ones before, then look again.`;
    return [...this.found, findingOf(this.kind, this.id, this.broken ? 'fault' : 'warning', { message })];
  }

  private add(severity: Finding['severity'], pointer: string, message: string): void {
    if (this.found.length >= MOST_FINDINGS) this.left++;
    else this.found.push(findingOf(this.kind, this.id, severity, { pointer, message }));
  }
}
