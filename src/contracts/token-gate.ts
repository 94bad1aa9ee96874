import type { IncomingMessage } from 'node:http';

export type GateVerdict =
  | { readonly kind: 'caller'; readonly id: string | null; readonly roles: readonly string[] }
  /** Name of the table of errors. */
  | {
      readonly kind: 'refused';
      readonly error: 'TOKEN_MISSING' | 'TOKEN_EXPIRED' | 'TOKEN_INVALID' | 'CSRF_INVALID' | 'TOKEN_RECORD_MISSING';
    };

/** Who a request's gateway token says it is, for what is no channel: in every form that a channel takes (spec/apis.md). */
export interface TokenGate {
  /** @param record id of a token record. @throws GatewayError where an authentication server must be asked, and cannot */
  callerOf(request: IncomingMessage, record: string): Promise<GateVerdict>;
}
export const TOKEN_GATE = Symbol('TokenGate');
