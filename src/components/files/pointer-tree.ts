import { tokensOf } from '../pointer.js';

/** Places of a document that somebody wants the position of; found ones know their offset. */
export class PointerTree {
  private readonly children = new Map<string, PointerTree>();
  private offset: number | null = null;

  static of(pointers: Iterable<string>): PointerTree {
    const tree = new PointerTree();
    for (const pointer of pointers) tokensOf(pointer).reduce((at, token) => at.grow(token), tree);
    return tree;
  }

  /** Null where nothing below the key is wanted. Rule keys and methods may be written otherwise than in normal form. */
  child(key: string): PointerTree | null {
    if (this.children.size === 0) return null;
    return this.children.get(key) ?? this.children.get(`/${key}`) ?? this.children.get(key.toUpperCase()) ?? null;
  }

  found(offset: number): void {
    this.offset = offset;
  }

  /** Offset of the place, or of the nearest one around it that is there. */
  offsetOf(pointer: string): number {
    return this.offsetBelow(tokensOf(pointer), 0);
  }

  private offsetBelow([token, ...rest]: readonly string[], around: number): number {
    const offset = this.offset ?? around;
    const child = token === undefined ? undefined : this.children.get(token);
    return child === undefined ? offset : child.offsetBelow(rest, offset);
  }

  private grow(token: string): PointerTree {
    const child = this.children.get(token) ?? new PointerTree();
    this.children.set(token, child);
    return child;
  }
}

/** 1-based lines of offsets. */
export class Lines {
  private readonly starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.starts.push(at + 1);
  }

  lineOf(offset: number): number {
    let low = 0;
    let high = this.starts.length;
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  columnOf(offset: number): number {
    return offset - this.starts[this.lineOf(offset) - 1]! + 1;
  }
}
