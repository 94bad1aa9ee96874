import type { CompiledChannel } from './compiled-channel.js';
import type { HeaderMap } from './header-map.js';
import { withoutExtension, type Format } from './normal-path.js';

export interface CompiledAlias {
  /** `/alias`, normal form; may hold several segments and an extension. */
  readonly path: string;
  readonly channel: CompiledChannel;
  /** What it stands for on the channel, normal form; `/` for the channel's root. */
  readonly target: string;
  readonly headerMap: HeaderMap | null;
}

export interface FoundAlias {
  readonly alias: CompiledAlias;
  /** Path on the channel, without the extension that chose the format. */
  readonly path: string;
  readonly format: Format | null;
}

/** Root paths that stand for paths of channels. A look-up costs a hash per level, up to the deepest alias. */
export class AliasTable {
  /** `deepest`: levels of the deepest alias, or more. */
  constructor(
    private readonly byPath: ReadonlyMap<string, CompiledAlias>,
    private readonly deepest: number,
  ) {}

  /** The longest alias that the path is, or lies below. The whole is matched before an extension is read as a format. */
  find(path: string): FoundAlias | null {
    const exact = this.byPath.get(path);
    if (exact !== undefined) return served(exact, exact.target);
    const extension = withoutExtension(path);
    if (extension !== null) {
      const alias = this.byPath.get(extension.path);
      if (alias !== undefined) return { ...served(alias, alias.target), format: extension.format };
    }
    const ends: number[] = [];
    for (let end = path.indexOf('/', 1); end !== -1 && ends.length < this.deepest; end = path.indexOf('/', end + 1))
      ends.push(end);
    for (let index = ends.length - 1; index >= 0; index--) {
      const end = ends[index]!;
      const alias = this.byPath.get(path.slice(0, end));
      if (alias !== undefined) return served(alias, (alias.target === '/' ? '' : alias.target) + path.slice(end));
    }
    return null;
  }
}

function served(alias: CompiledAlias, path: string): FoundAlias {
  const extension = withoutExtension(path);
  return extension === null ? { alias, path, format: null } : { alias, ...extension };
}
