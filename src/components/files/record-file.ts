import { type Document, parseDocument } from 'yaml';
import { COMPONENT_KINDS, type ComponentKind } from '../../contracts/records.js';
import { isMembers } from '../check/members.js';
import { nearestName } from '../nearest-name.js';
import { pointerTo } from '../pointer.js';
import { JsonError, scanJson } from './json-lines.js';
import { Lines, PointerTree } from './pointer-tree.js';
import { scanYaml } from './yaml-lines.js';

/** One record of a file, as it stands there. */
export interface WrittenRecord {
  readonly kind: ComponentKind;
  readonly value: unknown;
  /** JSON pointer into the file's document. */
  readonly at: string;
}

/** The file as a whole cannot be used. The message never quotes the file. */
export class UnreadableFile extends Error {
  constructor(
    message: string,
    readonly line?: number,
  ) {
    super(message);
    this.name = 'UnreadableFile';
  }
}

/** Folders and members that hold the records of one kind: `systems`, `channels`, … */
export const KIND_BY_PLURAL: ReadonlyMap<string, ComponentKind> = new Map(
  COMPONENT_KINDS.map((kind) => [`${kind}s`, kind]),
);
const PLURALS = [...KIND_BY_PLURAL.keys()].join(', ');
/** An alias repeated more often is a bomb, not a convenience. */
const MOST_ALIASES = 1000;

/** A file's text as a document that knows its lines. */
export interface ParsedFile {
  readonly value: unknown;
  /** 1-based lines of places, found in one pass. */
  lines(pointers: readonly string[]): readonly number[];
}

/** @throws UnreadableFile */
export function parseFile(text: string, isJson: boolean): ParsedFile {
  if (text.trim() === '') throw new UnreadableFile('is empty', 1);
  return isJson ? parseJson(text) : parseYaml(text);
}

function parseJson(text: string): ParsedFile {
  try {
    return {
      value: JSON.parse(text),
      lines: (pointers) => linesOf(text, pointers, (places) => scanJson(text, places)),
    };
  } catch {
    throw unreadableJson(text);
  }
}

function unreadableJson(text: string): UnreadableFile {
  try {
    scanJson(text, new PointerTree());
    return new UnreadableFile('is not valid JSON');
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const lines = new Lines(text);
    const line = lines.lineOf(error.offset);
    return new UnreadableFile(`is not valid JSON at line ${line}, column ${lines.columnOf(error.offset)}`, line);
  }
}

function parseYaml(text: string): ParsedFile {
  const document = parseDocument(text, { merge: true, prettyErrors: false, logLevel: 'silent' });
  const error = document.errors[0];
  if (error !== undefined) {
    const lines = new Lines(text);
    const line = lines.lineOf(error.pos[0]);
    // The parser's messages quote the text; its codes do not.
    const reason = error.code.toLowerCase().replaceAll('_', ' ');
    throw new UnreadableFile(
      `is not valid YAML at line ${line}, column ${lines.columnOf(error.pos[0])} (${reason})`,
      line,
    );
  }
  return {
    value: toValue(document),
    lines: (pointers) => linesOf(text, pointers, (places) => scanYaml(document, places)),
  };
}

function toValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
  } catch {
    throw new UnreadableFile('repeats its anchors too often, or names one that is not there');
  }
}

function linesOf(text: string, pointers: readonly string[], scan: (places: PointerTree) => void): readonly number[] {
  const places = PointerTree.of(pointers);
  try {
    scan(places);
  } catch (error) {
    // Nested deeper than the scanner goes: what it has found until there is good.
    if (!(error instanceof JsonError)) throw error;
  }
  const lines = new Lines(text);
  return pointers.map((pointer) => lines.lineOf(places.offsetOf(pointer)));
}

/**
 * The records of a document: one or a list where the folder says the kind, else `{systems: [...], channels: [...], …}`.
 * @throws UnreadableFile
 */
export function recordsOf(value: unknown, kind: ComponentKind | null): readonly WrittenRecord[] {
  // A YAML file in which everything is commented out.
  if (value === null || value === undefined) return [];
  if (kind !== null) return listed(kind, value, '');
  if (!isMembers(value) || !Object.keys(value).some((name) => KIND_BY_PLURAL.has(name))) {
    throw new UnreadableFile(`lies outside of the folders ${PLURALS} and holds no object with these members`, 1);
  }
  return Object.entries(value).flatMap(([name, records]) => listedUnder(name, records));
}

function listedUnder(name: string, records: unknown): readonly WrittenRecord[] {
  const kind = KIND_BY_PLURAL.get(name);
  if (kind !== undefined) return records === null ? [] : listed(kind, records, pointerTo('', name));
  const meant = nearestName(name, KIND_BY_PLURAL.keys());
  // Anything else may stand beside them; a slip of the pen would lose a whole kind.
  if (meant !== null) throw new UnreadableFile(`has a member ${name} where ${meant} was probably meant`, 1);
  return [];
}

function listed(kind: ComponentKind, value: unknown, at: string): readonly WrittenRecord[] {
  if (!Array.isArray(value)) return [{ kind, value, at }];
  return value.map((item: unknown, index) => ({ kind, value: item, at: pointerTo(at, index) }));
}
