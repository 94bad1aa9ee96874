import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { ComponentSet, Finding } from '../contracts/components.js';
import type { ComponentKind } from '../contracts/records.js';
import { isMembers } from './check/members.js';
import { KIND_BY_PLURAL, type ParsedFile, parseFile, recordsOf } from './files/record-file.js';

/** Adds file and line to findings of the compiler, which knows neither. A finding that cannot be placed stays as it is. */
export async function locateFindings(findings: readonly Finding[], set: ComponentSet): Promise<readonly Finding[]> {
  const files = new Map<string, Promise<ParsedFile | null>>();
  return await Promise.all(findings.map((finding) => locate(finding)));

  async function locate(finding: Finding): Promise<Finding> {
    const path = finding.file ?? set.records[finding.kind].get(finding.id)?.file;
    if (path === undefined || finding.line !== undefined) return finding;
    const parsed = files.get(path) ?? parse(path);
    files.set(path, parsed);
    const line = lineIn(await parsed, finding);
    return { ...finding, file: path, ...(line !== undefined && { line }) };
  }
}

async function parse(path: string): Promise<ParsedFile | null> {
  try {
    return parseFile(await readFile(path, 'utf8'), extname(path).toLowerCase() === '.json');
  } catch {
    return null;
  }
}

function lineIn(parsed: ParsedFile | null, finding: Finding): number | undefined {
  const at = parsed === null ? null : pointerOf(parsed, finding);
  return at === null ? undefined : parsed?.lines([at])[0];
}

function pointerOf(parsed: ParsedFile, finding: Finding): string | null {
  for (const { kind, value, at } of recordsIn(parsed.value, finding.kind)) {
    if (kind !== finding.kind || !isMembers(value) || String(value['id']) !== finding.id) continue;
    if (finding.pointer === '') return at;
    return `${at}${isMembers(value['data']) ? '/data' : ''}${finding.pointer}`;
  }
  return null;
}

/** A file of several kinds names them; any other holds records of the finding's. */
function recordsIn(value: unknown, kind: ComponentKind): ReturnType<typeof recordsOf> {
  const holdsKinds = isMembers(value) && Object.keys(value).some((name) => KIND_BY_PLURAL.has(name));
  return holdsKinds ? recordsOf(value, null) : recordsOf(value, kind);
}
