import type { PointerTree } from './pointer-tree.js';

/** Where in a text something stands, or goes wrong. */
export class JsonError extends Error {
  constructor(readonly offset: number) {
    super('This is no JSON.');
    this.name = 'JsonError';
  }
}

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/y;
const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * Reads JSON for positions alone: tells the offset of each place that the tree names, or of the first mistake. JSON.parse tells
 * neither, and its messages quote the text, which may be a secret.
 * @throws JsonError
 */
export function scanJson(text: string, places: PointerTree): void {
  new Scanner(text).document(places);
}

class Scanner {
  private at = 0;
  private depth = 0;
  constructor(private readonly text: string) {}

  document(places: PointerTree): void {
    this.skip(SPACE);
    places.found(this.at);
    this.value(places);
    this.skip(SPACE);
    if (this.at < this.text.length) throw new JsonError(this.at);
  }

  private value(places: PointerTree | null): void {
    const first = this.text[this.at];
    // Deeper than any record; the stack has an end.
    if (++this.depth > 1000) throw new JsonError(this.at);
    if (first === '{') this.members(places);
    else if (first === '[') this.items(places);
    else this.need(first === '"' ? STRING : PLAIN);
    this.depth--;
  }

  private members(places: PointerTree | null): void {
    this.list('}', () => {
      const start = this.at;
      const quoted = this.need(STRING);
      const place = places === null ? null : places.child(JSON.parse(quoted) as string);
      place?.found(start);
      this.skip(SPACE);
      this.expect(':');
      this.skip(SPACE);
      this.value(place);
    });
  }

  private items(places: PointerTree | null): void {
    let index = 0;
    this.list(']', () => {
      const place = places === null ? null : places.child(String(index++));
      place?.found(this.at);
      this.value(place);
    });
  }

  private list(end: string, part: () => void): void {
    this.at++;
    this.skip(SPACE);
    if (this.text[this.at] === end) return void this.at++;
    for (;;) {
      part();
      this.skip(SPACE);
      if (this.text[this.at] === end) return void this.at++;
      this.expect(',');
      this.skip(SPACE);
    }
  }

  private expect(character: string): void {
    if (this.text[this.at] !== character) throw new JsonError(this.at);
    this.at++;
  }

  private need(token: RegExp): string {
    token.lastIndex = this.at;
    const match = token.exec(this.text);
    if (match === null) throw new JsonError(this.at);
    this.at = token.lastIndex;
    return match[0];
  }

  private skip(token: RegExp): void {
    token.lastIndex = this.at;
    token.exec(this.text);
    this.at = token.lastIndex;
  }
}
