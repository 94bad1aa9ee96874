import type { Finding } from '../../contracts/components.js';
import type { ChannelRecord } from '../../contracts/records.js';
import type { TokenKind } from '../identify/token-kind.js';
import { pointerToken } from '../json/json-pointer.js';
import { CONFIGURATION, finding, type Place } from './compiler-finding.js';

/** A server that a token record names, and where it does. */
export interface NamedServer {
  readonly pointer: string;
  readonly channel: string;
}

/** @param kind in force; null: none is */
export function namedServers(kind: TokenKind | null): readonly NamedServer[] {
  const { provider = null, session = null } = kind ?? {};
  return [
    ...(provider === null ? [] : [{ pointer: '/provider/channel', channel: provider.channel }]),
    ...(session === null ? [] : [{ pointer: '/session/channel', channel: session.channel }]),
  ];
}

/** Paths whose calls are to be verified, by tokens that carry nothing to verify. */
export function unverifiable(kind: TokenKind | null, { paths = {} }: ChannelRecord, place: Place): Finding[] {
  const message = kind === null ? null : unverifiableBecause(kind);
  if (message === null) return [];
  return Object.entries(paths).flatMap(([path, rule]) => {
    const pointer = `/paths/${pointerToken(path)}/verifyAccessToken`;
    return rule.verifyAccessToken === true ? [finding(place, pointer, message, CONFIGURATION, 'warning')] : [];
  });
}

function unverifiableBecause({ id, carrier, issues, provider }: TokenKind): string | null {
  if (carrier !== null) return null;
  if (issues) return `tokens of "${id}" are not verifiable: every call of this path with one is refused`;
  // An external issuer's token is what is verified.
  return provider === null ? `the token "${id}" names no provider to verify at: every call of this path is 503` : null;
}
