import { MASK } from '../secret-names.js';
import { type SecretBox, UnopenableSeal } from '../../secrets/secret-box.js';

/** Opens what can be opened, and gives the mask for what cannot. */
export class ForgivingBox implements SecretBox {
  readonly fingerprint: string;
  readonly fingerprints: readonly string[];
  /** Whether anything could not be opened. */
  hasForgiven = false;

  constructor(private readonly box: SecretBox) {
    ({ fingerprint: this.fingerprint, fingerprints: this.fingerprints } = box);
  }

  open(sealed: string, context: string): string {
    try {
      return this.box.open(sealed, context);
    } catch (error) {
      if (!(error instanceof UnopenableSeal)) throw error;
      this.hasForgiven = true;
      return JSON.stringify(MASK);
    }
  }

  seal(text: string, context: string): string {
    return this.box.seal(text, context);
  }

  isSealed(text: string): boolean {
    return this.box.isSealed(text);
  }

  sealedBy(text: string): string | null {
    return this.box.sealedBy(text);
  }
}
