import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import type { SettingFault } from './faults.js';
import { given, type GivenSetting } from './given-setting.js';

/** Bounds against anchors that refer to themselves or multiply. */
const DEEPEST = 32;
const MOST_SETTINGS = 10_000;

interface Walk {
  readonly document: Document;
  readonly source: (node: unknown) => string;
  readonly settings: GivenSetting[];
  readonly faults: SettingFault[];
}

/** Reads YAML or JSON: groups and dotted names may be mixed. Each value is kept as it is written, so that 0001 stays 0001. */
export function readYamlSettings(text: string, path: string, faults: SettingFault[]): GivenSetting[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  for (const error of document.errors) {
    const source = `${path}:${lines.linePos(error.pos[0]).line}`;
    faults.push({ property: 'configuration file', value: null, problem: error.message, source });
  }
  if (document.errors.length > 0) return [];
  const root = document.contents;
  if (root !== null && !isMap(root) && !(isScalar(root) && root.value === null)) {
    faults.push({ property: 'configuration file', value: null, problem: 'expected a map of settings', source: path });
    return [];
  }
  const source = (node: unknown): string => {
    const offset = (node as { range?: readonly number[] | null } | null)?.range?.[0];
    return offset === undefined ? path : `${path}:${lines.linePos(offset).line}`;
  };
  const walk: Walk = { document, source, settings: [], faults };
  collect(walk, [], root, root);
  return walk.settings;
}

/** `key` is where the value is told to stand. Null is no value: a section whose lines are all comments, say. */
function collect(walk: Walk, path: readonly string[], node: unknown, key: unknown): void {
  const value = isAlias(node) ? node.resolve(walk.document) : node;
  const name = path.join('.');
  if (path.length > DEEPEST || walk.settings.length >= MOST_SETTINGS) {
    refuse(walk, name, key, `expected at most ${DEEPEST} levels and ${MOST_SETTINGS} settings`);
  } else if (isMap(value)) {
    for (const pair of value.items) {
      const part = isScalar(pair.key) ? (textOf(pair.key) ?? '') : String(pair.key);
      collect(walk, [...path, part], pair.value, pair.key);
    }
  } else if (isSeq(value)) {
    const items = value.items.map((item) => textOf(isAlias(item) ? item.resolve(walk.document) : item));
    if (items.every((item) => item !== null)) walk.settings.push(given(name, items, walk.source(key)));
    else refuse(walk, name, key, 'expected a list of plain values');
  } else {
    const text = textOf(value);
    if (text !== null) walk.settings.push(given(name, text, walk.source(key)));
  }
}

function refuse(walk: Walk, name: string, node: unknown, problem: string): void {
  if (walk.faults.some((fault) => fault.problem === problem)) return;
  walk.faults.push({ property: name.slice(0, 200), value: null, problem, source: walk.source(node) });
}

/** A scalar as it is written; null for null and for what is no scalar. */
function textOf(node: unknown): string | null {
  if (!isScalar(node) || node.value === null) return null;
  if (typeof node.value === 'string') return node.value;
  return node.source ?? JSON.stringify(node.value) ?? null;
}
