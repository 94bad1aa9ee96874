/** One token of a JSON pointer, escaped: `a/b` is `a~1b` (RFC 6901, section 3). */
export function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
