import { readFile } from 'node:fs/promises';
import { type Dispatcher, request } from 'undici';
import { isMembers } from '../components/check/members.js';
import { type LookupProvider, MOST_BYTES, ProviderAway, reasonOf } from './lookup-provider.js';

export interface VaultOptions {
  /** URL without user-info; it may have a path. */
  readonly address: string;
  readonly token: string | null;
  /** Read at each load, so that an agent may renew the token; counts where token is null. */
  readonly tokenFile: string | null;
  /** Null: the first part of each path names the mount. */
  readonly mount: string | null;
  readonly timeoutMs?: number;
}

/** Where a path leads: a key of a secret in a mount. */
interface Target {
  readonly mount: string;
  readonly secret: readonly string[];
  readonly key: string;
}

const TIMEOUT_MS = 5000;

/**
 * HashiCorp Vault, KV version 2, over HTTP. `a.b.c` is key `c` of secret `b` in mount `a`; with a mount set, all but the last
 * part are the secret's path.
 */
export class VaultProvider implements LookupProvider {
  readonly name = 'vault';

  constructor(private readonly options: VaultOptions) {}

  read(path: string): Promise<string | null> {
    return this.session().read(path);
  }

  where(path: string): string {
    const target = targetOf(path, this.options.mount);
    if (target === null) return 'Vault (the path has too few parts for it)';
    return `key ${target.key} of secret ${target.secret.join('/')} in mount ${target.mount} of Vault`;
  }

  session(): LookupProvider {
    return new VaultSession(this.options, (path) => this.where(path));
  }
}

/** Asks for each secret once, however many of its keys are wanted. */
class VaultSession implements LookupProvider {
  readonly name = 'vault';
  private readonly secrets = new Map<string, Promise<Readonly<Record<string, unknown>> | null>>();
  private token: Promise<string | null> | null = null;

  constructor(
    private readonly options: VaultOptions,
    readonly where: (path: string) => string,
  ) {}

  async read(path: string): Promise<string | null> {
    const target = targetOf(path, this.options.mount);
    if (target === null) return null;
    const url = urlOf(this.options.address, target);
    const fetched = this.secrets.get(url) ?? this.fetch(url, target);
    this.secrets.set(url, fetched);
    const values = await fetched;
    if (values === null || !Object.hasOwn(values, target.key)) return null;
    const value = values[target.key];
    if (value === null || value === undefined) return null;
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  /** The values of a secret; null where there is none, or its last version is deleted. */
  private async fetch(url: string, target: Target): Promise<Readonly<Record<string, unknown>> | null> {
    this.token ??= this.readToken();
    const token = await this.token;
    const { timeoutMs = TIMEOUT_MS } = this.options;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const headers = { 'x-vault-request': 'true', ...(token !== null && { 'x-vault-token': token }) };
      const answer = await request(url, { headers, signal, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
      return this.valuesIn(answer.statusCode, await textOf(answer.body), target);
    } catch (error) {
      if (error instanceof ProviderAway) throw error;
      if (error instanceof TooLarge) throw this.refuse(target, 'its answer is larger than 1 MiB');
      const isLate = /Timeout/.test((error as Error).name);
      const reason = isLate ? `it did not answer within ${timeoutMs} ms` : reasonOf(error);
      const message = `Vault at ${this.options.address} cannot be asked: ${reason}`;
      throw new ProviderAway(message, { isWhole: true, cause: error });
    }
  }

  private valuesIn(status: number, text: string, target: Target): Readonly<Record<string, unknown>> | null {
    if (status === 404) return null;
    if (status === 403) throw this.refuse(target, 'it answers 403; check the token and its policy');
    if (status !== 200)
      throw this.refuse(target, status === 503 ? 'it answers 503; it may be sealed' : `it answers ${status}`);
    const data = memberOf(memberOf(parsed(text), 'data'), 'data');
    if (data === null) return null;
    if (!isMembers(data)) throw this.refuse(target, 'its answer is not that of a KV secrets engine of version 2');
    return data;
  }

  private refuse({ mount, secret }: Target, reason: string): ProviderAway {
    const { address } = this.options;
    return new ProviderAway(
      `Vault at ${address} does not give secret ${secret.join('/')} in mount ${mount}: ${reason}`,
    );
  }

  private async readToken(): Promise<string | null> {
    const { token, tokenFile } = this.options;
    if (token !== null || tokenFile === null) return token;
    try {
      const text = (await readFile(tokenFile, 'utf8')).trim();
      if (/^[\x21-\x7e]{1,8192}$/.test(text)) return text;
      throw new ProviderAway(`The file ${tokenFile} holds no token of Vault`, { isWhole: true });
    } catch (error) {
      if (error instanceof ProviderAway) throw error;
      const message = `The token of Vault cannot be read from ${tokenFile}: ${reasonOf(error)}`;
      throw new ProviderAway(message, { isWhole: true, cause: error });
    }
  }
}

function targetOf(path: string, mount: string | null): Target | null {
  const parts = path.split('.');
  if (parts.includes('') || parts.length < (mount === null ? 3 : 2)) return null;
  return {
    mount: mount ?? parts[0]!,
    secret: parts.slice(mount === null ? 1 : 0, -1),
    key: parts.at(-1)!,
  };
}

/** Mounts that are set may have several parts: `kv/team`. */
function urlOf(address: string, { mount, secret }: Target): string {
  const path = [...mount.split('/').filter((part) => part !== ''), 'data', ...secret].map(encodeURIComponent).join('/');
  return `${address.replace(/\/+$/, '')}/v1/${path}`;
}

class TooLarge extends Error {}

async function textOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    // Leaving the loop ends the connection.
    if (length > MOST_BYTES) throw new TooLarge();
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const memberOf = (value: unknown, name: string): unknown =>
  isMembers(value) && Object.hasOwn(value, name) ? value[name] : undefined;
