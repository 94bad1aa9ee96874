import { isIP } from 'node:net';
import type { InstanceAddress } from '../balance/instance-source.js';
import { LookFailed } from './look.js';

const MOST_INSTANCES = 5000;
const MOST_WEIGHT = 65_535;

type Members = Readonly<Record<string, unknown>>;
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const membersOf = (value: unknown): Members => (isMembers(value) ? value : {});

/**
 * The instances in an answer of /v1/health/service. Entries that cannot be read are skipped.
 * @throws LookFailed for what is no such answer, or has entries of which none can be read
 */
export function readConsulEntries(text: string): readonly InstanceAddress[] {
  const list = parsed(text);
  if (!Array.isArray(list)) throw new LookFailed('answers JSON that is no list');
  if (list.length > MOST_INSTANCES) {
    throw new LookFailed(`lists ${list.length} instances; at most ${MOST_INSTANCES} are possible`);
  }
  const addresses = list.map(instanceOf).filter((address) => address !== null);
  if (list.length > 0 && addresses.length === 0) {
    throw new LookFailed('lists instances of which none has both an address and a port');
  }
  return addresses;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LookFailed(/^\s*</.test(text) ? 'answers HTML, not JSON' : 'answers what is no JSON');
  }
}

function instanceOf(entry: unknown): InstanceAddress | null {
  const { Node, Service } = membersOf(entry);
  const { Address, Port, Weights } = membersOf(Service);
  // Empty where the service is at the address of its node.
  const isAtNode = Address === '' || Address === undefined || Address === null;
  const host = hostOf(isAtNode ? membersOf(Node)['Address'] : Address);
  if (host === null || !isWhole(Port, 1, 65_535)) return null;
  return { host, port: Port, weight: weightOf(membersOf(Weights)['Passing']), priority: 0 };
}

const weightOf = (value: unknown): number =>
  isWhole(value, 1, Number.MAX_SAFE_INTEGER) ? Math.min(value, MOST_WEIGHT) : 1;

const isWhole = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

/** Null for what is no host. */
function hostOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const host = value.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) !== 0 || /^[A-Za-z0-9_.-]{1,253}$/.test(host) ? host : null;
}
