import { readFile, stat } from 'node:fs/promises';
import type { SettingFault } from '../settings/faults.js';
import { readProperties } from '../settings/properties.js';
import { type LookupProvider, MOST_BYTES, ProviderAway, reasonOf } from './lookup-provider.js';

interface Contents {
  /** Tells whether the file changed since. */
  readonly state: string;
  readonly values: ReadonlyMap<string, string>;
}

/** A .properties file, read again when it changed. */
export class PropertiesProvider implements LookupProvider {
  readonly name = 'properties';
  private contents: Contents | null = null;
  private reading: Promise<Contents> | null = null;

  /** @param file absolute */
  constructor(private readonly file: string) {}

  async read(path: string): Promise<string | null> {
    this.reading ??= this.current().finally(() => (this.reading = null));
    return (await this.reading).values.get(path) ?? null;
  }

  where(path: string): string {
    return `property ${path} in ${this.file}`;
  }

  private async current(): Promise<Contents> {
    try {
      const { mtimeMs, size, ino } = await stat(this.file);
      const state = `${mtimeMs} ${size} ${ino}`;
      if (this.contents?.state === state) return this.contents;
      if (size > MOST_BYTES) throw this.away('it is larger than 1 MiB');
      const text = textOf(await readFile(this.file));
      this.contents = { state, values: this.valuesOf(text) };
      return this.contents;
    } catch (error) {
      throw error instanceof ProviderAway ? error : this.away(reasonOf(error), error);
    }
  }

  private valuesOf(text: string): ReadonlyMap<string, string> {
    const faults: SettingFault[] = [];
    const lines = readProperties(text, this.file, faults);
    const [fault] = faults;
    if (fault !== undefined) throw this.away(`${fault.problem} (${fault.source})`);
    return new Map(lines.map(({ name, value }) => [name, value]));
  }

  private away(reason: string, cause?: unknown): ProviderAway {
    return new ProviderAway(`The file ${this.file} of lookups cannot be read: ${reason}`, { isWhole: true, cause });
  }
}

/** Java writes these files in Latin-1 where they are not UTF-8. */
function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
