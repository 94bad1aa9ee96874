/**
 * The one form in which paths are matched and go to the runner (spec/apis.md, "Paths"): split at `/`, each segment percent-decoded
 * once, empty segments and a trailing slash dropped. Nothing behind this sees another form, so no spelling gets around a rule.
 */

/** What needs no work at all: segments of unreserved characters that do not begin with a dot. */
const PLAIN = /^(?:\/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*)+$/;
/** Refused wherever they stand, raw or decoded: control characters, backslash, semicolon, DEL, C1. */

const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\\;/]/;
const NOT_ASCII = /[^\x21-\x7e]/;

/** The normal form with a leading slash (`/` for no segment), or null for a path that must be refused. */
export function normalPath(raw: string): string | null {
  if (PLAIN.test(raw)) return raw;
  if (raw.charCodeAt(0) !== 47 || NOT_ASCII.test(raw)) return null;
  let normal = '';
  for (const piece of raw.split('/')) {
    if (piece === '') continue;
    const segment = decoded(piece);
    if (segment === null || segment === '.' || segment === '..' || FORBIDDEN.test(segment)) return null;
    normal += `/${segment}`;
  }
  return normal === '' ? '/' : normal;
}

function decoded(piece: string): string | null {
  if (!piece.includes('%')) return piece;
  try {
    return decodeURIComponent(piece);
  } catch {
    return null;
  }
}

/** A normal path as it stands in a URL. */
export function encodedPath(normal: string): string {
  if (PLAIN.test(normal)) return normal;
  return normal.split('/').map(encodedSegment).join('/');
}

function encodedSegment(segment: string): string {
  return encodeURIComponent(segment).replace(/%(?:24|26|2B|2C|3A|3D|40)/g, decodeURIComponent);
}

export type Format = 'json' | 'xml' | 'html' | 'txt' | 'csv';
// Never leaves a dot segment behind: `/...json` without its extension would lead out of the target.
const EXTENSION = /^(.*[^/](?<!\/\.\.?))\.(json|xml|html|txt|csv)$/s;

/** Takes the extension off that chooses a format. A name that is an extension alone (`/.json`, `/...json`) keeps it. */
export function withoutExtension(path: string): { path: string; format: Format } | null {
  if (path.charCodeAt(path.length - 5) !== 46 && path.charCodeAt(path.length - 4) !== 46) return null;
  const match = EXTENSION.exec(path);
  return match === null ? null : { path: match[1]!, format: match[2] as Format };
}

/** Levels of a path: slashes in its normal form. */
export function depthOf(path: string): number {
  let depth = 0;
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) depth++;
  return depth;
}
