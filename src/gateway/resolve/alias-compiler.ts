import type { Component, Finding } from '../../contracts/components.js';
import type { AliasRecord } from '../../contracts/records.js';
import type { CompiledAlias } from './alias-table.js';
import type { ChannelParts } from './channel-compiler.js';
import type { CompiledChannel } from './compiled-channel.js';
import { HeaderMap } from './header-map.js';
import { normalRuleKey } from './path-rules.js';

export interface CompiledAliases {
  readonly aliases: readonly CompiledAlias[];
  readonly broken: readonly Finding[];
}

/**
 * The aliases of a channel's record; one that cannot be compiled, or begins with a segment that is taken, is a fault of that
 * alias only.
 */
export function compiledAliases(
  { channel }: ChannelParts,
  compiled: CompiledChannel,
  taken: ReadonlySet<string>,
): CompiledAliases {
  const aliases: CompiledAlias[] = [];
  const broken: Finding[] = [];
  for (const [index, record] of (channel.record?.aliases ?? []).entries()) {
    const alias = compiledAlias(record, compiled);
    const first = alias?.path.split('/', 2)[1] ?? '';
    if (taken.has(first)) broken.push(aliasFault(channel, `/aliases/${index}/alias`, takenBy(first)));
    else if (alias !== null) aliases.push(alias);
    else broken.push(aliasFault(channel, `/aliases/${index}/headerMap`, BROKEN));
  }
  return { aliases, broken };
}

const BROKEN = 'holds an expression that is no JMESPath: this alias is not served';

const takenBy = (first: string): string =>
  `/${first} belongs to the gateway itself, as it is set up. Choose another alias. The alias is left out.`;

function compiledAlias(record: AliasRecord, channel: CompiledChannel): CompiledAlias | null {
  const hasMap = record.headerMap !== undefined && Object.keys(record.headerMap).length > 0;
  try {
    const headerMap = hasMap ? new HeaderMap(record.headerMap) : null;
    return { path: normalAlias(record.alias), channel, target: normalAlias(record.target), headerMap };
  } catch {
    return null;
  }
}

/** A root path as a record has it, in normal form. */
export function normalAlias(path: string): string {
  const key = normalRuleKey(path).replace(/\/{2,}/g, '/');
  return key.length > 1 && key.endsWith('/') ? key.slice(0, -1) : key;
}

export function aliasFault({ id, file }: Component<'channel'>, pointer: string, message: string): Finding {
  const place = file === undefined ? {} : { file };
  return { kind: 'channel', id, severity: 'fault', pointer, code: 17001, message, ...place };
}
