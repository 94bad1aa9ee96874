import type { Exchange } from '../exchange.js';
import type { CompiledChannel } from '../resolve/compiled-channel.js';
import type { Routes } from '../resolve/route-table.js';
import { refusal, type Answer, type Refusal } from '../stage.js';

export const AUTH_MOUNT = 'api/auth';
const PREFIX = `/${AUTH_MOUNT}/`;

export const FLOW_ACTIONS = ['register', 'login', 'refresh', 'logout', 'delete', 'custom'] as const;
export type FlowAction = (typeof FLOW_ACTIONS)[number];

/** Steps of a login in a browser: to the provider, and back from it. */
const BROWSER_ACTIONS = ['authorize', 'callback'] as const;
export type BrowserAction = (typeof BROWSER_ACTIONS)[number];

/** What `/api/auth/{action}/{channel}[/{type}]` names (spec/apis.md). */
export interface FlowPath {
  readonly kind: 'flow';
  readonly action: FlowAction;
  readonly channel: CompiledChannel;
  readonly type: string | null;
}

export interface BrowserPath {
  readonly kind: 'browser';
  readonly action: BrowserAction;
  readonly channel: CompiledChannel;
  readonly type: string | null;
}

const NOT_FOUND = refusal('NOT_FOUND');
const CHANNEL_UNKNOWN = refusal('CHANNEL_UNKNOWN');
const NOT_LOADED = refusal('NOT_LOADED', ['Retry-After', '1']);
const ALLOW = ['Allow', 'POST, OPTIONS'];
const POST_ONLY = refusal('METHOD_NOT_ALLOWED', ALLOW);
const BROWSER_ALLOW = ['Allow', 'GET, OPTIONS'];
/** No HEAD: whoever only looks at a link must not use a login up. */
const GET_ONLY = refusal('METHOD_NOT_ALLOWED', BROWSER_ALLOW);
const BRANCH_INVALID = refusal('BRANCH_INVALID');
const BRANCH_REFUSED = refusal('BRANCH_REFUSED');
const BRANCH = /^[A-Za-z0-9._/+-]{1,128}$/;

/** Finds the flow of a path and its channel, and leaves channel, branch and rule in the exchange. */
export function flowPathOf(
  exchange: Exchange,
  routes: Routes,
  allowsBranch: boolean,
): FlowPath | BrowserPath | Refusal | Answer {
  const [action, segment, type = null, ...rest] = exchange.path.slice(PREFIX.length).split('/');
  const inBrowser = isBrowserAction(action);
  if (!(isAction(action) || inBrowser) || segment === undefined || segment === '' || rest.length > 0) return NOT_FOUND;
  const [id, named] = segment.split('@', 2);
  const branch = named ?? exchange.headers['x-branch'];
  if (branch !== undefined && branch !== '') {
    if (typeof branch !== 'string' || !BRANCH.test(branch)) return BRANCH_INVALID;
    exchange.branch = branch;
  }
  if (exchange.branch !== 'main' && !allowsBranch) return BRANCH_REFUSED;
  const channel = routes.channels.get(id!);
  if (channel === undefined) return routes.revision === 0 ? NOT_LOADED : CHANNEL_UNKNOWN;
  exchange.channel = channel;
  exchange.publicPrefix = PREFIX + action;
  exchange.runnerPath = `/${action}`;
  const rules = channel.paths.find(inBrowser ? LOGIN : exchange.runnerPath);
  exchange.rule = rules.byMethod.get('POST') ?? rules.otherwise;
  if (channel.outOfForce !== null) return channel.outOfForce;
  if (exchange.head.method === 'OPTIONS') return allowed(inBrowser ? BROWSER_ALLOW : ALLOW);
  if (inBrowser) return exchange.head.method === 'GET' ? { kind: 'browser', action, channel, type } : GET_ONLY;
  return exchange.head.method === 'POST' ? { kind: 'flow', action, channel, type } : POST_ONLY;
}

/** The rule of a login holds for one in a browser. */
const LOGIN = '/login';

function allowed(headers: readonly string[]): Answer {
  return { kind: 'answer', status: 204, headers, body: null, contentType: null, code: null };
}

function isBrowserAction(text: string | undefined): text is BrowserAction {
  return (BROWSER_ACTIONS as readonly (string | undefined)[]).includes(text);
}

function isAction(text: string | undefined): text is FlowAction {
  return (FLOW_ACTIONS as readonly (string | undefined)[]).includes(text);
}
