const LONGEST = 80;

/** Levenshtein's distance, given up (Infinity) as soon as it must exceed `bound`. */
export function editDistance(left: string, right: string, bound: number): number {
  if (Math.abs(left.length - right.length) > bound) return Infinity;
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const replace = previous[column - 1]! + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replace, previous[column]! + 1, current[column - 1]! + 1));
    }
    if (Math.min(...current) > bound) return Infinity;
    previous = current;
  }
  return previous[right.length]! > bound ? Infinity : previous[right.length]!;
}

/** The known name that a misspelt one most likely means: at most a third of it may differ; case does not count. */
export function nearestName(name: string, known: Iterable<string>): string | null {
  if (name.length > LONGEST) return null;
  const wanted = name.toLowerCase();
  let nearest: string | null = null;
  let bound = Math.min(6, Math.max(1, Math.floor(name.length / 3)));
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase(), bound);
    if (distance > bound || (nearest !== null && distance === bound)) continue;
    nearest = candidate;
    bound = distance;
  }
  return nearest;
}
