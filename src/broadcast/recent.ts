/** Remembers the last so many texts. */
export class Recent {
  private readonly texts = new Set<string>();

  constructor(private readonly most: number) {}

  /** False where it is known already. */
  add(text: string): boolean {
    if (this.texts.has(text)) return false;
    this.texts.add(text);
    if (this.texts.size > this.most) {
      for (const oldest of this.texts) {
        this.texts.delete(oldest);
        break;
      }
    }
    return true;
  }
}
