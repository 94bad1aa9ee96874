import { createHash } from 'node:crypto';
import type { Component } from '../../contracts/components.js';
import type { SecretBox } from '../../secrets/secret-box.js';
import type { Line } from './read-lines.js';
import {
  contextOf,
  isComponent,
  isHeader,
  SNAPSHOT_FORMAT,
  SNAPSHOT_PRODUCT,
  type SnapshotEnd,
  type SnapshotHeader,
} from './snapshot-format.js';

/** Who reads a snapshot: one that another gateway or key made is not for it. */
export interface SnapshotReader {
  readonly gatewayId: string;
  readonly box: SecretBox;
}

/** The message goes on after the file's name: `is truncated: …`. Never holds what was sealed. */
export class UnusableSnapshot extends Error {}

const damaged = (what: string): UnusableSnapshot => new UnusableSnapshot(`is damaged: ${what}`);
const truncated = (what: string): UnusableSnapshot => new UnusableSnapshot(`is truncated: ${what}`);

/** Puts a snapshot together of its lines. Its components count only once `finish` has found it whole. */
export class SnapshotAssembly {
  private readonly components: Component[] = [];
  private readonly digest = createHash('sha256');
  private header: SnapshotHeader | null = null;
  private chunks = 0;
  private isComplete = false;

  constructor(private readonly reader: SnapshotReader) {}

  /** @throws UnusableSnapshot */
  take({ bytes, isEnded }: Line): void {
    if (this.isComplete) throw damaged('something stands behind its end');
    if (this.header === null) {
      this.header = readHeader(bytes.toString('utf8'), isEnded, this.reader);
    } else {
      if (!isEnded) throw truncated('its last line is not complete');
      this.takeSealed(bytes, this.header);
    }
    if (!this.isComplete) this.digest.update(bytes).update('\n');
  }

  /** @throws UnusableSnapshot */
  finish(): { readonly savedAt: Date; readonly components: readonly Component[] } {
    if (this.header === null) throw truncated('it is empty');
    if (!this.isComplete) throw truncated('its end is missing');
    return { savedAt: new Date(this.header.savedAt), components: this.components };
  }

  private takeSealed(bytes: Buffer, { savedAt, records }: SnapshotHeader): void {
    const content = this.opened(bytes, savedAt);
    if (Array.isArray(content)) {
      for (const component of content as unknown[]) {
        if (!isComponent(component)) throw damaged('it holds something else than components');
        this.components.push(component);
      }
      this.chunks++;
      return;
    }
    const { chunks, sha256 } = content as SnapshotEnd;
    const isWhole =
      chunks === this.chunks && records === this.components.length && sha256 === this.digest.digest('base64url');
    if (!isWhole) throw damaged('its parts do not belong together');
    this.isComplete = true;
  }

  private opened(bytes: Buffer, savedAt: string): object {
    let content: unknown;
    try {
      content = JSON.parse(this.reader.box.open(bytes.toString('latin1'), contextOf(savedAt, this.chunks)));
    } catch {
      // The box's own words may name what it was given.
      throw damaged(`line ${this.chunks + 2} cannot be opened`);
    }
    if (typeof content !== 'object' || content === null) throw damaged(`line ${this.chunks + 2} holds no list`);
    return content;
  }
}

function readHeader(text: string, isEnded: boolean, { gatewayId, box }: SnapshotReader): SnapshotHeader {
  const header = parsed(text);
  if (header === null && !isEnded && text.startsWith('{"format":')) throw truncated('its first line is not complete');
  const { format, product } = (header ?? {}) as Partial<SnapshotHeader>;
  if (header === null || product !== SNAPSHOT_PRODUCT || !Number.isSafeInteger(format)) {
    throw new UnusableSnapshot('is not a snapshot of components; config.snapshot.path may name another file');
  }
  if (format! > SNAPSHOT_FORMAT) {
    throw new UnusableSnapshot(
      `was made by a newer release (format ${format}; this release reads format ${SNAPSHOT_FORMAT}); start that release`,
    );
  }
  if (format !== SNAPSHOT_FORMAT || !isHeader(header)) throw damaged('its first line is not as it was written');
  if (header.gateway !== gatewayId) {
    throw new UnusableSnapshot(
      `is of the gateway ${shown(header.gateway)}, and this is ${shown(gatewayId)}; set a config.snapshot.path of its own for each gateway`,
    );
  }
  if (!box.fingerprints.includes(header.key)) {
    throw new UnusableSnapshot(
      `was sealed with the key ${shown(header.key)}, and this gateway has ${box.fingerprints.map(shown).join(' and ')}; set secrets.key or secrets.key.previous to the key that sealed it`,
    );
  }
  if (!isEnded) throw truncated('its end is missing');
  return header;
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

/** The header is not sealed: anything may stand there. */
const shown = (text: string): string => JSON.stringify(text.slice(0, 128));
