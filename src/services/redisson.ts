import { isScalar, parseDocument, visit } from 'yaml';
import { isMembers, type Members } from '../components/check/members.js';

/** Configuration of Redisson, the client of the original: one mode, and the servers below its name. */
export interface Redisson {
  readonly mode: RedissonMode;
  readonly servers: Members;
  /** What stands beside the mode. */
  readonly beside: Members;
}

const MODES = [
  'singleServerConfig',
  'clusterServersConfig',
  'sentinelServersConfig',
  'masterSlaveServersConfig',
  'replicatedServersConfig',
] as const;
export type RedissonMode = (typeof MODES)[number];

const MARK = new RegExp(`(?:^|[\\s{,"'])(?:${MODES.join('|')})["']?\\s*:`);
const LONGEST_TEXT = 65_536;

/** Null for a value that is none of Redisson's; a text that says why it cannot be read. Never shows what stands in it. */
export function redissonOf(value: unknown): Redisson | string | null {
  if (isMembers(value)) return MODES.some((name) => isMembers(value[name])) ? modeOf(value) : null;
  if (typeof value !== 'string' || value.length > LONGEST_TEXT || !MARK.test(value)) return null;
  const parsed = parsedOf(value);
  return isMembers(parsed) ? modeOf(parsed) : 'it is neither YAML nor JSON';
}

function modeOf(config: Members): Redisson | string {
  const [mode, ...more] = MODES.filter((name) => isMembers(config[name]));
  if (mode === undefined) return 'it names no servers';
  if (more.length > 0) return `it has ${mode} and ${more[0]!}; keep one of them`;
  const beside = Object.fromEntries(Object.entries(config).filter(([name]) => !MODES.some((known) => known === name)));
  return { mode, servers: config[mode] as Members, beside };
}

/** Undefined for what is neither. Its errors quote the text, which holds passwords: they stay here. */
function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fromYaml(text);
  }
}

function fromYaml(text: string): unknown {
  try {
    const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent', stringKeys: true });
    if (document.errors.length > 0) return undefined;
    visit(document, {
      // A password of digits is a text to Redisson: 0123 stays what it is.
      Scalar(_key, node) {
        if (isScalar(node) && typeof node.value === 'number' && node.source !== undefined) node.value = node.source;
      },
    });
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch {
    return undefined;
  }
}
