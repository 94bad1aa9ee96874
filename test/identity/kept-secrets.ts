const SHORTEST = 6;
/** What counts as a secret in an answer, by its name; also `transactionId`, with which a login goes on. */
const SECRET_NAME = /token(?!_type)|secret|password|otp|transactionId|api_key|^key$/i;
/** Of what is longer, its end by itself is as bad: a token's signature. */
const LONG = 40;
const END = 24;

/** Everything secret that a test has used, and the places where it may not stand. */
export class KeptSecrets {
  private readonly names = new Map<string, string>();

  get size(): number {
    return this.names.size;
  }

  /** @returns the value itself */
  keep(name: string, value: string): string {
    if (value.length < SHORTEST) throw new Error(`${name} is too short to be searched for.`);
    if (!this.names.has(value)) this.names.set(value, name);
    return value;
  }

  /** What stands in an answer or event under the name of a secret, at any depth. */
  keepAllOf(value: unknown, name = ''): void {
    if (typeof value === 'string' && value.length >= SHORTEST && SECRET_NAME.test(name)) this.keep(name, value);
    else if (typeof value === 'object' && value !== null)
      for (const [key, each] of Object.entries(value)) this.keepAllOf(each, Array.isArray(value) ? name : key);
  }

  /** One line for each secret that the text holds in any form. */
  foundIn(text: string): string[] {
    const found: string[] = [];
    for (const [value, name] of this.names) {
      const form = formsOf(value).find((each) => text.includes(each));
      if (form === undefined) continue;
      const at = text.indexOf(form);
      found.push(
        `${name}: …${text.slice(Math.max(0, at - 120), at)}[HERE]${text.slice(at + form.length, at + form.length + 60)}…`,
      );
    }
    return found;
  }
}

function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const ends = value.length >= LONG ? [value.slice(-END)] : [];
  return [
    ...[value, ...ends, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)],
    ...[bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')],
  ];
}
