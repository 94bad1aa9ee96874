/** Every origin. */
export const ANY = '*';
/** Longest text that can be an origin: a scheme, a name of 253 characters and a port, with room to spare. */
const MAX_ORIGIN_LENGTH = 300;

const ORIGIN = /^[a-z][a-z0-9+.-]{0,31}:\/\/(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(\d{1,5}))?$/;
const PATTERN =
  /^(?:[a-z][a-z0-9+.-]{0,31}|\*):\/\/(?:[a-z0-9._*-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(?:(\d{1,5})|[\d*]{1,5}))?$/;
const DEFAULT_PORT = /^(http:\/\/.+):80$|^(https:\/\/.+):443$/;

function withoutDefaultPort(origin: string): string {
  const [, ofHttp, ofHttps] = DEFAULT_PORT.exec(origin) ?? [];
  return ofHttp ?? ofHttps ?? origin;
}

const isPort = (digits: string | undefined): boolean => digits === undefined || Number(digits) <= 65_535;

/** `scheme://host[:port]` as browsers write it (RFC 6454, 6.2): lower case, without the scheme's own port. Null: it is no origin. */
export function originFrom(text: string): string | null {
  const origin = text.toLowerCase();
  const match = origin.length > MAX_ORIGIN_LENGTH ? null : ORIGIN.exec(origin);
  return match === null || !isPort(match[1]) ? null : withoutDefaultPort(origin);
}

/** The form of security.cors.allowed.originPatterns: an origin in which `*` may stand, or `*` alone. Null: it is none. */
export function originPatternFrom(text: string): string | null {
  const pattern = text.toLowerCase().replace(/\*{2,}/g, ANY);
  if (pattern === ANY) return pattern;
  if (!pattern.includes(ANY)) return originFrom(pattern);
  const match = pattern.length > MAX_ORIGIN_LENGTH ? null : PATTERN.exec(pattern);
  return match === null || !isPort(match[1]) ? null : withoutDefaultPort(pattern);
}

/** Whether a pattern lets in hosts that anybody can have: the end of a host decides whose it is. */
export function isOpenEnded(pattern: string): boolean {
  const host = /^[^/]*:\/\/([^/:]*)/.exec(pattern)?.[1] ?? '';
  return host.slice(host.lastIndexOf('.') + 1).includes(ANY);
}

/**
 * Each star stands for one character or more, none of them `/`: an origin has those after its scheme only, and there the pattern has
 * them, too. Pieces are searched for from left to right and never again, so that no text makes it slow.
 */
export function originMatcher(pattern: string): (origin: string) => boolean {
  const pieces = pattern.split(ANY);
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  const between = pieces.slice(1, -1);
  return (origin) => {
    if (!origin.startsWith(first) || !origin.endsWith(last)) return false;
    let at = first.length;
    for (const piece of between) {
      const found = origin.indexOf(piece, at + 1);
      if (found === -1) return false;
      at = found + piece.length;
    }
    return pieces.length === 1 ? origin === first : at < origin.length - last.length;
  };
}
