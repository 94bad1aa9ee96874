import type { SettingFault } from './faults.js';

export interface PropertyLine {
  readonly name: string;
  readonly value: string;
  /** Where it begins, from 1. */
  readonly line: number;
}

/** Joins the lines that end in an odd number of backslashes with what follows; comments and blank lines are left out. */
function* logicalLines(text: string): Iterable<{ content: string; line: number }> {
  const lines = text.split(/\r\n|\n|\r/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = index + 1;
    let content = lines[index]!.replace(/^[ \t\f]+/, '');
    if (content === '' || content.startsWith('#') || content.startsWith('!')) continue;
    while (/(^|[^\\])(\\\\)*\\$/.test(content)) {
      index += 1;
      content = content.slice(0, -1) + (lines[index] ?? '').replace(/^[ \t\f]+/, '');
      if (index >= lines.length) break;
    }
    yield { content, line };
  }
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/** Null where a \u is not followed by four digits. */
function unescape(text: string): string | null {
  if (/(^|[^\\])(\\\\)*\\u(?![0-9a-f]{4})/i.test(text)) return null;
  return text.replace(/\\(?:u([0-9a-f]{4})|([^]))/gi, (_, code: string | undefined, other: string) =>
    code === undefined ? (ESCAPES[other] ?? other) : String.fromCharCode(parseInt(code, 16)),
  );
}

/** Reads a `.properties` file as Java does (java.util.Properties.load). */
export function readProperties(text: string, path: string, faults: SettingFault[]): PropertyLine[] {
  const properties: PropertyLine[] = [];
  for (const { content, line } of logicalLines(text)) {
    const [, rawName = '', rawValue = ''] =
      /^((?:[^\\=: \t\f]|\\[^])*)(?:[ \t\f]*[=:][ \t\f]*|[ \t\f]+)?([^]*)$/.exec(content) ?? [];
    const name = unescape(rawName);
    const value = unescape(rawValue);
    if (name !== null && value !== null) properties.push({ name, value, line });
    else
      faults.push({
        property: name ?? rawName,
        value: null,
        problem: 'expected four hex digits after \\u',
        source: `${path}:${line}`,
      });
  }
  return properties;
}
