import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { sendJson, type SeenRequest } from './backend.js';
import { anIssuerKey, type IssuerKey } from './issuer-key.js';

type Members = Readonly<Record<string, unknown>>;
/** What goes wrong with each answer. */
export type IssuerFault =
  'silent' | 'drop' | 'error' | 'html' | 'half' | 'huge' | 'redirect' | 'empty' | 'notUtf8' | 'drip';
export type IssuerHook = (request: SeenRequest, response: ServerResponse) => void;

export interface IssuerSetup {
  /** `/realms/main`, and the like. */
  readonly path?: string;
  /** 0: a free one. */
  readonly port?: number;
  /** Of the first key. */
  readonly algorithm?: string;
  /** Which of both documents it has (OpenID Connect Discovery; RFC 8414). */
  readonly kind?: 'oidc' | 'oauth';
  /** PEM; without it plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/**
 * An issuer of tokens for tests: discovery, a key set that rotates, and hooks for all else that one may have (`/token`, `/userinfo`).
 * It signs by jose, and counts what it is asked.
 */
export class FakeIssuer {
  /** Path and query of each question, in order. */
  readonly asked: string[] = [];
  readonly hooks = new Map<string, IssuerHook>();
  /** Published keys; the first signs. */
  keys: IssuerKey[];
  fault: IssuerFault | null = null;
  /** ms before each answer. */
  delayMs = 0;
  /** Over what the document says; an undefined member is left out. */
  document: Members = {};
  /** In the place of the key set, whatever it is. */
  keySet: unknown = undefined;

  private constructor(
    private server: Server,
    private readonly setup: IssuerSetup,
    private readonly boundPort: number,
  ) {
    this.keys = [anIssuerKey(setup.algorithm)];
  }

  static async start(setup: IssuerSetup = {}): Promise<FakeIssuer> {
    const server = serverOf(setup);
    server.listen(setup.port ?? 0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = new FakeIssuer(server, setup, (server.address() as AddressInfo).port);
    issuer.listen();
    return issuer;
  }

  get url(): string {
    return `${this.setup.tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.boundPort}`;
  }

  /** As its tokens name it. */
  get issuer(): string {
    return this.url + (this.setup.path ?? '');
  }

  get jwksUri(): string {
    return `${this.issuer}/jwks`;
  }

  get key(): IssuerKey {
    return this.keys[0]!;
  }

  /** How often its keys were asked for. */
  get keyReads(): number {
    return this.asked.filter((path) => path.endsWith('/jwks')).length;
  }

  /** What is in a token of its, where a test says nothing else. */
  claims(claims: Members = {}): Members {
    const now = Math.floor(Date.now() / 1000);
    return { iss: this.issuer, aud: 'api', sub: 'ada', iat: now, exp: now + 600, ...claims };
  }

  /** Signed by its first key. */
  token(claims: Members = {}, header: Members = {}): Promise<string> {
    return this.key.sign(this.claims(claims), header);
  }

  /** Another key signs from now on; those before stay published. */
  rotate(algorithm = this.key.algorithm): IssuerKey {
    this.keys.unshift(anIssuerKey(algorithm));
    return this.key;
  }

  /** Answers at a path, such as `/token`, with what a test wants. */
  on(path: string, hook: IssuerHook): void {
    this.hooks.set(path, hook);
  }

  /** Away: connections are refused. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }

  /** Back, at the same port. */
  async restart(): Promise<void> {
    this.server = serverOf(this.setup);
    this.listen();
    this.server.listen(this.boundPort, '127.0.0.1');
    await once(this.server, 'listening');
  }

  private listen(): void {
    this.server.on('request', (request, response) => void this.take(request, response));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.asked.push(request.url!);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (response.destroyed) return;
    const path = new URL(request.url!, this.url).pathname;
    const hook = this.hooks.get(path.slice(this.setup.path?.length ?? 0));
    const body = Buffer.concat(chunks).toString();
    if (hook !== undefined && this.fault === null)
      return hook({ method: request.method!, url: request.url!, headers: request.headers, body }, response);
    const text = this.answerAt(path);
    if (text === null) return sendJson(response, '{"error":"not_found"}', 404);
    this.send(text, response);
  }

  private answerAt(path: string): string | null {
    if (path === `${this.setup.path ?? ''}/jwks`)
      return JSON.stringify(this.keySet ?? { keys: this.keys.map(({ jwk }) => jwk) });
    return path === this.documentPath ? JSON.stringify(this.metadata()) : null;
  }

  private get documentPath(): string {
    const { kind = 'oidc', path = '' } = this.setup;
    return kind === 'oidc'
      ? `${path.replace(/\/+$/, '')}/.well-known/openid-configuration`
      : `/.well-known/oauth-authorization-server${path.replace(/\/+$/, '')}`;
  }

  private metadata(): Members {
    const { issuer, jwksUri } = this;
    return {
      ...{ issuer, jwks_uri: jwksUri, token_endpoint: `${issuer}/token` },
      ...{ authorization_endpoint: `${issuer}/authorize`, response_types_supported: ['code'] },
      ...{ subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256', 'ES256'] },
      ...this.document,
    };
  }

  private send(text: string, response: ServerResponse): void {
    switch (this.fault) {
      case null:
        return sendJson(response, text);
      case 'silent':
        return;
      case 'drop':
        return void response.destroy();
      case 'error':
        return void response.writeHead(500).end('stack trace, hunter2');
      case 'html':
        return void response.writeHead(200).end('<!doctype html><h1>Sign in</h1>');
      case 'half':
        response.writeHead(200, { 'Content-Length': Buffer.byteLength(text) });
        return void response.write(text.slice(0, text.length / 2), () => response.destroy());
      case 'huge':
        return void response.end(`{"keys":[],"filler":"${' '.repeat(1024 * 1024)}"}`);
      case 'drip': {
        let sent = 0;
        const drop = setInterval(() => response.write(text.charAt(sent++)), 200);
        return void response.on('close', () => clearInterval(drop));
      }
      case 'redirect':
        return void response.writeHead(302, { Location: `${this.url}/jwks` }).end();
      case 'empty':
        return void response.writeHead(200).end();
      case 'notUtf8':
        return void response.writeHead(200).end(Buffer.from([0x7b, 0xff, 0x7d]));
    }
  }
}

function serverOf({ tls }: IssuerSetup): Server {
  return tls === undefined ? createServer() : createTlsServer(tls);
}
