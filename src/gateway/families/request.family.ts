import type { GatewayOptions } from '../../contracts/gateway-options.js';
import type { Exchange } from '../exchange.js';
import type { CompiledAlias } from '../resolve/alias-table.js';
import type { CompiledChannel } from '../resolve/compiled-channel.js';
import { withoutExtension, type Format } from '../resolve/normal-path.js';
import type { RouteTable } from '../resolve/route-table.js';
import { refusal, type Answer, type Refusal, type Verdict } from '../stage.js';
import { readInput, type Form } from './request-body.js';

const NOT_FOUND = refusal('NOT_FOUND');
const CHANNEL_UNKNOWN = refusal('CHANNEL_UNKNOWN');
/** Nobody can say yet what there is: a client may come again. */
const NOT_LOADED = refusal('NOT_LOADED', ['Retry-After', '1']);
const BRANCH_REFUSED = refusal('BRANCH_REFUSED');
const BRANCH_INVALID = refusal('BRANCH_INVALID');
const FORMAT_UNSUPPORTED = refusal('FORMAT_UNSUPPORTED');
const FULL_METHODS = 'GET, HEAD, POST, OPTIONS';
const FULL_METHOD_REFUSED = refusal('METHOD_NOT_ALLOWED', ['Allow', FULL_METHODS]);

export const REQUEST_MOUNT = 'api/request';
const PREFIX = `/${REQUEST_MOUNT}/`;
const FULL_PREFIX = `${PREFIX}full/`;
const BASE64_PREFIX = `${FULL_PREFIX}e/`;

const BRANCH = /^[A-Za-z0-9._/+-]{1,128}$/;

/**
 * `/api/request/{channel}/{path}`, `/api/request/full/…`, `/api/request/full/e/…` and the aliases of channels: one call, one answer
 * (spec/apis.md).
 */
export class RequestFamily {
  constructor(
    private readonly routes: RouteTable,
    private readonly options: GatewayOptions,
  ) {}

  /** Finds channel, alias, branch and path rule, and leaves them in the exchange. */
  resolve(exchange: Exchange): Verdict {
    const { path } = exchange;
    if (this.options.requestFamilyEnabled) {
      // `full` is no channel id, and `full/e` is the base64 form even where a channel is called `e`.
      if (path.startsWith(BASE64_PREFIX)) return this.resolveFull(exchange, BASE64_PREFIX);
      if (path.startsWith(FULL_PREFIX)) return this.resolveFull(exchange, FULL_PREFIX);
      if (path.startsWith(PREFIX)) return this.resolveChannel(exchange, PREFIX);
    }
    const found = this.routes.current.aliases.find(path);
    if (found === null) return this.missing(NOT_FOUND);
    // An alias of one path is no place for the channel's other paths, which a Location may name.
    exchange.publicPrefix = found.alias.target === '/' ? found.alias.path : PREFIX + found.alias.channel.id;
    exchange.runnerPath = found.path;
    return this.enter(exchange, found.alias.channel, found.format, found.alias);
  }

  /** Reads what the client sent; after admission, so that nobody makes us read what we refuse. */
  read(exchange: Exchange): Verdict | Promise<Verdict> {
    if (exchange.inputRead) return null;
    exchange.inputRead = true;
    return readInput(exchange, formOf(exchange.path), this.options);
  }

  private resolveFull(exchange: Exchange, prefix: string): Verdict {
    const { method } = exchange.head;
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST' && method !== 'OPTIONS') return FULL_METHOD_REFUSED;
    exchange.isFullCall = true;
    return this.resolveChannel(exchange, prefix);
  }

  private resolveChannel(exchange: Exchange, prefix: string): Verdict {
    const { path } = exchange;
    const slash = path.indexOf('/', prefix.length);
    const segment = slash === -1 ? path.slice(prefix.length) : path.slice(prefix.length, slash);
    const at = segment.indexOf('@');
    const id = at === -1 ? segment : segment.slice(0, at);
    if (at !== -1) {
      const branch = segment.slice(at + 1);
      if (!BRANCH.test(branch)) return BRANCH_INVALID;
      exchange.branch = branch;
    }
    const channel = this.routes.current.channels.get(id);
    if (channel === undefined) return this.missing(CHANNEL_UNKNOWN);
    exchange.publicPrefix = prefix + segment;
    const below = slash === -1 ? '/' : path.slice(slash);
    const extension = withoutExtension(below);
    exchange.runnerPath = extension === null ? below : extension.path;
    return this.enter(exchange, channel, extension === null ? null : extension.format, null);
  }

  private missing(refused: Refusal): Refusal {
    return this.routes.current.revision === 0 ? NOT_LOADED : refused;
  }

  private enter(
    exchange: Exchange,
    channel: CompiledChannel,
    format: Format | null,
    alias: CompiledAlias | null,
  ): Verdict {
    exchange.channel = channel;
    if (alias !== null && alias.headerMap !== null) exchange.headers = alias.headerMap.applied(exchange.headers);
    const branched = this.resolveBranch(exchange, alias);
    if (branched !== null) return branched;
    const { method } = exchange.head;
    const rules = channel.paths.find(exchange.runnerPath);
    exchange.rule = rules.byMethod.get(method) ?? rules.otherwise;
    if (channel.outOfForce !== null) return channel.outOfForce;
    if (method === 'OPTIONS') return allowAnswer(rules.allow);
    return format !== null && format !== 'json' ? FORMAT_UNSUPPORTED : null;
  }

  /** `{channel}@{branch}`, else X-Branch, else main (spec/apis.md). */
  private resolveBranch(exchange: Exchange, alias: CompiledAlias | null): Verdict {
    const header = exchange.headers['x-branch'];
    if (header !== undefined && header !== '' && (alias !== null || !exchange.publicPrefix.includes('@'))) {
      if (typeof header !== 'string' || !BRANCH.test(header)) return BRANCH_INVALID;
      exchange.branch = header;
    }
    return exchange.branch !== 'main' && !this.options.allowBranch ? BRANCH_REFUSED : null;
  }
}

function formOf(path: string): Form {
  if (!path.startsWith(FULL_PREFIX)) return 'plain';
  return path.startsWith(BASE64_PREFIX) ? 'base64' : 'full';
}

/** OPTIONS outside CORS (spec/components.md). */
function allowAnswer(allow: string): Answer {
  return { kind: 'answer', status: 204, headers: ['Allow', allow], body: null, contentType: null, code: null };
}
