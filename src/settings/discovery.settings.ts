import { isIP } from 'node:net';
import { IsOptional } from 'class-validator';
import { Custom, listFrom, Text, Whole } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

const CONSUL_PORT = 8500;

/** `host`, `host:port` or a URL become a URL without a slash at its end; what is none of them stays, to be refused. */
function consulAddressFrom(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const given = value.trim().replace(/\/+$/, '');
  if (given === '') return null;
  if (given.includes('://')) return given;
  const hasPort = /:\d+$/.test(given.startsWith('[') ? given.slice(given.indexOf(']')) : given);
  return `http://${given}${hasPort ? '' : `:${CONSUL_PORT}`}`;
}

function isConsulAddress(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password, port } = new URL(value);
  // A bare ? or # leaves nothing in the parsed parts, and would cut the paths off that follow.
  return /^https?:$/.test(protocol) && username === '' && password === '' && port !== '0' && !/[?#\s]/.test(value);
}

/** `ip`, `ip:port` or `[ip]:port`. */
function isDnsServer(text: string): boolean {
  if (isIP(text) !== 0) return !text.includes('%');
  const [, six, four, port] = /^(?:\[([^\]%]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isAddress = six === undefined ? isIP(four ?? '') === 4 : isIP(six) === 6;
  return isAddress && (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535));
}

/** Where the instances of balanced backends are asked for. */
export class DiscoverySettings {
  /** Without a slash at its end. */
  @Setting('discovery.consul.address', {
    doc: `Consul that is asked where instances are; a host without a port is asked at ${CONSUL_PORT}`,
  })
  @IsOptional()
  @Custom({
    expected: 'host:port, or an http or https URL without user, query and fragment',
    read: consulAddressFrom,
    accepts: isConsulAddress,
  })
  readonly consulAddress: string | null = null;

  @Setting('discovery.consul.token', { doc: 'token for Consul', secret: true })
  @IsOptional()
  @Text(/^[\x21-\x7e]{1,8192}$/, 'a token')
  readonly consulToken: string | null = null;

  @Setting('discovery.dns.servers', {
    doc: 'DNS servers that are asked where instances are; /etc/hosts and search domains then do not count',
    defaultText: 'the system’s',
  })
  @Custom({
    expected: 'addresses such as 10.0.0.2 or 10.0.0.2:8600, with commas between them',
    read: listFrom,
    accepts: (value) => Array.isArray(value) && value.every((part) => isDnsServer(part as string)),
  })
  readonly dnsServers: readonly string[] = [];

  @Setting('spring.cloud.consul.host', {
    doc: 'of the original: with spring.cloud.consul.port, stands for discovery.consul.address where names with `rierino.` are read',
  })
  @IsOptional()
  @Text(/^[A-Za-z0-9._-]{1,253}$|^\[[0-9A-Fa-f:.]{2,45}\]$/, 'a host name or address')
  readonly springConsulHost: string | null = null;

  @Setting('spring.cloud.consul.port', { doc: 'of the original: see spring.cloud.consul.host' })
  @IsOptional()
  @Whole(1, 65_535)
  readonly springConsulPort: number | null = null;
}
