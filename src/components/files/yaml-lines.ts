import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, type Node } from 'yaml';
import type { PointerTree } from './pointer-tree.js';

/** Tells the tree where each of its places stands in a YAML document. What comes in by an alias stands where the alias does. */
export function scanYaml(document: Document, places: PointerTree): void {
  scanNode(document.contents, places);
}

function scanNode(node: unknown, place: PointerTree | null): void {
  if (place === null || !isNode(node) || isAlias(node)) return;
  tell(place, node);
  if (isSeq(node)) node.items.forEach((item, index) => scanNode(item, place.child(String(index))));
  if (!isMap(node)) return;
  for (const pair of node.items) {
    if (!isPair(pair) || !isScalar(pair.key)) continue;
    const child = place.child(String(pair.key.value));
    if (child === null) continue;
    scanNode(pair.value, child);
    // The line of a member is that of its name.
    tell(child, pair.key);
  }
}

function tell(place: PointerTree, node: Node): void {
  const start = node.range?.[0];
  if (start !== undefined) place.found(start);
}
