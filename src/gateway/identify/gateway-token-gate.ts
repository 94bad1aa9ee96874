import type { IncomingMessage } from 'node:http';
import type { ComponentSource } from '../../contracts/components.js';
import type { GateVerdict, TokenGate } from '../../contracts/token-gate.js';
import { exchangeOf } from '../edge/edge-request.js';
import type { TokenKinds } from '../resolve/token-kinds.js';
import { PathRules } from '../resolve/path-rules.js';
import type { CompiledChannel, CompiledPath } from '../resolve/compiled-channel.js';
import type { Stage, Verdict } from '../stage.js';
import type { TokenKind } from './token-kind.js';

type RefusedBy = Extract<GateVerdict, { kind: 'refused' }>['error'];

const TOLD: ReadonlySet<string> = new Set<RefusedBy>([
  'TOKEN_MISSING',
  'TOKEN_EXPIRED',
  'TOKEN_INVALID',
  'CSRF_INVALID',
]);

/** The identify stage of channels, for what is none: the Control API. */
export class GatewayTokenGate implements TokenGate {
  constructor(
    private readonly source: Pick<ComponentSource, 'current'>,
    private readonly kinds: Pick<TokenKinds, 'find'>,
    private readonly identify: Stage,
  ) {}

  async callerOf(request: IncomingMessage, record: string): Promise<GateVerdict> {
    const token = this.source.current()?.records.token.get(record);
    const kind = token === undefined ? null : this.kinds.find(token);
    if (kind === null) return refused('TOKEN_RECORD_MISSING');
    const exchange = exchangeOf(request);
    exchange.channel = gateChannel(kind);
    const verdict = await this.identify.run(exchange);
    if (verdict !== null) return refused(errorOf(verdict));
    const { caller } = exchange;
    if (caller === null || caller.isGuest) return refused('TOKEN_MISSING');
    return { kind: 'caller', id: caller.origin?.id ?? null, roles: caller.applied.roles };
  }
}

const refused = (error: RefusedBy): GateVerdict => ({ kind: 'refused', error });

/** Whatever else it may come to say keeps the caller out. */
function errorOf(verdict: Exclude<Verdict, null>): RefusedBy {
  const said = verdict.kind === 'refusal' && TOLD.has(verdict.error) ? verdict.error : 'TOKEN_INVALID';
  return said as RefusedBy;
}

/** What the identify stage needs of a channel. Nothing is called through it. */
function gateChannel(kind: TokenKind): CompiledChannel {
  return {
    id: 'control',
    idText: '"control"',
    versions: { channel: kind.key, system: null, token: kind.key },
    targetKey: null,
    protected: { kind: 'control', id: 'control', userToken: kind.id, guestToken: null, rules: {} },
    userKind: kind,
    guestKind: null,
    nobody: null,
    limits: null,
    paths: new PathRules([], NO_PATH),
    outOfForce: null,
    allowedRunnerHeaders: NONE,
    target: null,
    callee: null,
  };
}

const NONE: ReadonlySet<string> = new Set();
const NO_PATH: CompiledPath = {
  byMethod: new Map(),
  otherwise: {
    ...{
      opensTo: 'users',
      admission: [],
      headers: [],
      ownHeaders: NONE,
      returnsErrorPayload: false,
      logsDetailAsInfo: false,
    },
    ...{ breaker: null, retry: null },
  },
  allow: '',
};
