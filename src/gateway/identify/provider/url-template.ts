import { encodedPath, normalPath } from '../../resolve/normal-path.js';

/** What the URL of a provider or session server may have filled in. */
export interface UrlValues {
  readonly type?: string | null;
  readonly originKey?: string | null;
  readonly sessionId?: string | null;
}
export type UrlPlace = keyof UrlValues;

export interface FilledUrl {
  /** Decoded, with a leading slash; a value that cannot stand in one segment is percent-encoded in it. */
  readonly path: string;
  /** For a URL; empty for the root. */
  readonly encodedPath: string;
  /** For a URL, without the question mark. */
  readonly query: string;
  /** The query as a JSON object: the per-call settings of the runner. */
  readonly settingsText: string;
}

/** `{type}` and its like. */
const PLACE = /\{([^{}]*)\}/g;
/** What no URL of a record holds: white space, controls, a fragment. */
const NOT_IN_URL = /[^\x21-\x7e]|#/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
/** What would end a segment, or be refused in a path. */
const NOT_IN_SEGMENT = /[\\;/]/;
const DOT_SEGMENT = /(?:^|\/)\.{1,2}(?:\/|$)/;

/** The path and query of one action, as the record has them, ready to be filled. Made once, when the record is compiled. */
export class UrlTemplate {
  /** Literals and, at odd places, names. */
  private readonly pieces: readonly string[];

  private constructor(
    path: string,
    private readonly query: string,
  ) {
    this.pieces = path.split(PLACE);
  }

  /** The template, or what is wrong with the text. */
  static of(text: string, places: readonly UrlPlace[]): UrlTemplate | string {
    if (NOT_IN_URL.test(text)) return 'is no path: it holds white space, controls or a fragment';
    if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(text)) return 'is a path at the channel, not a URL with a host';
    const mark = text.indexOf('?');
    const raw = mark === -1 ? text : text.slice(0, mark);
    const path = normalPath(raw.startsWith('/') ? raw : `/${raw}`);
    if (path === null) return 'is no path: it holds a bad escape, a dot segment or a character that is not allowed';
    for (const [whole, name] of text.matchAll(PLACE))
      if (!(places as readonly string[]).includes(name!))
        return `knows no ${whole}: ${listed(places)} can be filled in`;
    return new UrlTemplate(path, mark === -1 ? '' : text.slice(mark + 1));
  }

  has(place: UrlPlace): boolean {
    return this.pieces.some((piece, index) => index % 2 === 1 && piece === place) || this.query.includes(`{${place}}`);
  }

  /** Null where a value is missing or cannot stand in a path (`..`, control characters). */
  fill(values: UrlValues): FilledUrl | null {
    let path = '';
    let inUrl = '';
    for (const [index, piece] of this.pieces.entries()) {
      if (index % 2 === 0) {
        path += piece;
        inUrl += encodedPath(piece);
        continue;
      }
      const value = usable(values[piece as UrlPlace]);
      if (value === null) return null;
      const encoded = encodeURIComponent(value);
      path += NOT_IN_SEGMENT.test(value) ? encoded : value;
      inUrl += encoded;
    }
    const query = this.filledQuery(values);
    if (query === null || DOT_SEGMENT.test(path)) return null;
    return { path, encodedPath: inUrl === '/' ? '' : inUrl, query, settingsText: settingsText(query) };
  }

  private filledQuery(values: UrlValues): string | null {
    let complete = true;
    const filled = this.query.replace(PLACE, (_whole, name: string) => {
      const value = usable(values[name as UrlPlace]);
      complete &&= value !== null;
      return value === null ? '' : encodeURIComponent(value);
    });
    return complete ? filled : null;
  }
}

function usable(value: string | null | undefined): string | null {
  if (value === undefined || value === null || value === '') return null;
  return CONTROL.test(value) || !value.isWellFormed() ? null : value;
}

/** A query as the JSON object of settings. Of two equal names the last wins. */
export function settingsText(query: string): string {
  return query === '' ? '{}' : JSON.stringify(Object.fromEntries(new URLSearchParams(query)));
}

function listed(places: readonly UrlPlace[]): string {
  return places.map((place) => `{${place}}`).join(', ');
}
