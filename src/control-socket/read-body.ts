import type { IncomingMessage } from 'node:http';

/** Of all bodies that are read at one time; records of a gateway are far from it. */
export const MOST_BODY_BYTES = 256 * 1024 * 1024;

export type ReadBody =
  | { readonly state: 'read'; readonly value: unknown }
  | { readonly state: 'bad'; readonly message: string }
  | { readonly state: 'large' }
  /** Others hold what may be held. */
  | { readonly state: 'full' };

/** Reads JSON bodies, within one bound for all of them. */
export class JsonBodies {
  private held = 0;

  constructor(private readonly mostBytes = MOST_BODY_BYTES) {}

  /** No body at all is an empty object. @throws what breaks the connection */
  async read(request: IncomingMessage): Promise<ReadBody> {
    if (Number(request.headers['content-length'] ?? 0) > this.mostBytes) return { state: 'large' };
    const chunks: Buffer[] = [];
    let own = 0;
    try {
      // A body that is refused must leave the connection, on which the refusal goes out.
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        if (own + chunk.length > this.mostBytes) return { state: 'large' };
        if (this.held + chunk.length > this.mostBytes) return { state: 'full' };
        own += chunk.length;
        this.held += chunk.length;
        chunks.push(chunk);
      }
      return parsed(Buffer.concat(chunks));
    } finally {
      this.held -= own;
    }
  }
}

function parsed(body: Buffer): ReadBody {
  if (body.length === 0) return { state: 'read', value: {} };
  try {
    return { state: 'read', value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch {
    // The parser's message quotes the body, and secrets with it.
    return { state: 'bad', message: 'The body is no JSON in UTF-8.' };
  }
}
