import { call, type CallAnswer, type ErrorAnswer } from '../support/call.js';

export type Members = Readonly<Record<string, unknown>>;

export const PASSWORD = 'correct-horse';
const API = '/admin/api/v1';

export interface User extends Members {
  readonly id: string;
  readonly version: number;
}
export interface Told {
  readonly status: number;
  readonly etag: string | undefined;
  readonly body: Members & { readonly list?: readonly Members[]; readonly total?: number };
  readonly answer: CallAnswer;
}

/** Who calls: a token, an API key, or nobody. */
export type As = { readonly token: string } | { readonly key: string } | null;

const authorization = (as: As) =>
  as === null ? {} : { authorization: 'token' in as ? `Bearer ${as.token}` : `API-key ${as.key}` };

/** The administration of one gateway process, as a client sees it. */
export class AdminSite {
  constructor(private readonly port: () => number) {}

  /** A path of the whole gateway. */
  async at(
    as: As,
    line: string,
    { body, headers = {} }: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Told> {
    const [method, path] = line.split(' ') as [string, string];
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await call(this.port(), path, {
      method,
      headers: { ...authorization(as), ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(text !== undefined && { body: text }),
    });
    const { status } = answer;
    const etag = answer.headers.etag;
    return { status, etag, answer, body: answer.text === '' ? {} : answer.json() };
  }

  /** `GET users/7`, below the admin API. */
  ask(as: As, line: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Told> {
    const [method, path] = line.split(' ') as [string, string];
    return this.at(as, `${method} ${API}/${path}`, { headers, ...(body !== undefined && { body }) });
  }

  /** Tokens of a login; fails where it fails. */
  async login(
    username: string,
    password = PASSWORD,
  ): Promise<{ readonly token: string; readonly refreshToken: string }> {
    const told = await this.ask(null, 'POST login', { username, password });
    if (told.status !== 200) throw new Error(`The login of ${username} ended with ${told.status}: ${told.answer.text}`);
    return told.body as unknown as { token: string; refreshToken: string };
  }

  /** An administrator with these roles (`gateway:role`), logged in. */
  async administrator(
    by: As,
    username: string,
    ...roles: readonly string[]
  ): Promise<{ user: User; as: { token: string } }> {
    const granted = roles.map((text) => ({ gateway: text.split(':')[0], role: text.split(':')[1] }));
    const body = { username, type: 'admin', password: PASSWORD, roles: granted };
    const { status, body: user, answer } = await this.ask(by, 'POST users', body);
    if (status !== 201) throw new Error(`${username} was not created: ${answer.text}`);
    const { token } = await this.login(username);
    return { user: user as User, as: { token } };
  }
}

export const errorOf = ({ status, body }: Told): unknown[] => {
  const { error } = body as unknown as ErrorAnswer;
  return [status, error.code, error.message];
};
