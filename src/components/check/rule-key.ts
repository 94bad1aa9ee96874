/** The key of a path rule in the normal form of spec/apis.md, or what is wrong with it. */
export type RuleKey = { readonly normal: string } | { readonly problem: string };

/** Refused in paths wherever they stand, raw or decoded. */

const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\\;/]/;
// As the gateway takes it off: never so that a dot segment is left.
const EXTENSION = /^(.*[^/](?<!\/\.\.?))\.(?:json|xml|html|txt|csv)$/s;

/**
 * `product` and `/product` are `/product`; `product/*` is everything below; `*` and `/*` are everything.
 * @param keepsExtensions below /api/file names keep theirs; elsewhere a request's extension is off before rules are asked
 */
export function normalRuleKey(key: string, keepsExtensions = false): RuleKey {
  const pieces = key.split('/').filter((piece) => piece !== '');
  if (pieces.length === 0) return { problem: 'no path at all is matched by * only; write * or name a path' };
  const below = pieces.at(-1) === '*';
  if (below) pieces.pop();
  const segments: string[] = [];
  for (const piece of pieces) {
    if (piece.includes('*')) return { problem: '* may stand alone or as the last segment only, as in product/*' };
    const segment = normalSegment(piece);
    if (typeof segment !== 'string') return segment;
    segments.push(segment);
  }
  if (segments.length === 0) return { normal: '*' };
  const path = `/${segments.join('/')}`;
  if (below) return { normal: `${path}/*` };
  return { normal: keepsExtensions ? path : (EXTENSION.exec(path)?.[1] ?? path) };
}

/** A path without wildcards, each segment decoded once, with a leading slash (`/` for none). Extensions stay. */
export function normalTarget(path: string): RuleKey {
  const segments: string[] = [];
  for (const piece of path.split('/')) {
    if (piece === '') continue;
    const segment = normalSegment(piece);
    if (typeof segment !== 'string') return segment;
    segments.push(segment);
  }
  return { normal: `/${segments.join('/')}` };
}

function normalSegment(piece: string): string | { readonly problem: string } {
  let segment: string;
  try {
    segment = decodeURIComponent(piece);
  } catch {
    return { problem: 'it holds a % that begins no escape; write %25 for a percent sign' };
  }
  if (segment === '.' || segment === '..')
    return { problem: 'segments . and .. are refused in requests; leave them out' };
  if (FORBIDDEN.test(segment)) {
    return { problem: 'control characters, \\, ; and %2F are refused in requests; leave them out' };
  }
  return segment;
}
