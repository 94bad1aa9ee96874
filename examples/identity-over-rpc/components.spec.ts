import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { AUTH_ACTIONS } from './auth/actions.js';
import { createIdentityRunner } from './identity-runner.js';
import { SESSION_ACTIONS } from './session/actions.js';

const FOLDER = new URL('../components/', import.meta.url);
/** What stands in the place of the built-in servers. */
const OVER_RPC = new URL('./components/systems/', import.meta.url);
const SCHEMAS = new URL('../../docs/schemas/', import.meta.url);

interface Stored {
  readonly id: string;
  readonly data: {
    readonly description?: string;
    readonly system?: string;
    readonly target?: string;
    readonly authToken?: string;
    readonly anonymousToken?: string;
    readonly signingSecret?: string;
    readonly provider?: Served;
    readonly session?: Served;
  };
}
interface Served {
  readonly channel: string;
  readonly urls: Readonly<Record<string, string>>;
}
const read = (file: URL) => parse(readFileSync(file, 'utf8')) as Stored;
const records = (kind: string) =>
  readdirSync(new URL(`${kind}/`, FOLDER)).map((file) => ({ file, ...read(new URL(`${kind}/${file}`, FOLDER)) }));

describe('the systems that stand in for the built-in servers', () => {
  it('have the ids of those, and are at the address where the server listens by default', () => {
    const ids = records('systems').map(({ id }) => id);
    const isValid = new Ajv2020({ strict: false }).compile(
      JSON.parse(readFileSync(new URL('system.schema.json', SCHEMAS), 'utf8')) as object,
    );
    for (const file of readdirSync(OVER_RPC)) {
      const { id, data } = read(new URL(file, OVER_RPC));
      expect([ids, file]).toEqual([expect.arrayContaining([id]), `${id}.yaml`]);
      expect([isValid(data), data]).toEqual([
        true,
        expect.objectContaining({
          executor: 'rpc',
          parameters: expect.objectContaining({ 'server.baseUrl': 'http://127.0.0.1:1236' }),
        }),
      ]);
    }
  });
});

describe('the sample components that need an identity server', () => {
  it.each(['system', 'channel', 'token'])(
    'are records of kind %s by its schema, in files named by their ids',
    (kind) => {
      const schema = JSON.parse(readFileSync(new URL(`${kind}.schema.json`, SCHEMAS), 'utf8')) as object;
      const isValid = new Ajv2020({ strict: false, allErrors: true }).compile(schema);
      for (const { file, id, data } of records(`${kind}s`)) {
        expect(file).toBe(`${id}.yaml`);
        expect([isValid(data), isValid.errors]).toEqual([true, null]);
      }
    },
  );

  it('name only systems, channels and tokens that there are', () => {
    const idsOf = (kind: string) => records(kind).map(({ id }) => id);
    const systems = idsOf('systems');
    for (const { data } of records('channels')) {
      expect(systems).toContain(data.system);
      for (const token of [data.authToken, data.anonymousToken])
        if (token !== undefined) expect(idsOf('tokens')).toContain(token);
    }
    for (const { data } of records('tokens'))
      for (const served of [data.provider, data.session])
        if (served !== undefined) expect(idsOf('channels')).toContain(served.channel);
  });

  it('name paths that the server answers', () => {
    const urlsOf = (part: 'provider' | 'session') =>
      records('tokens').flatMap(({ data }) => Object.entries(data[part]?.urls ?? {}));
    for (const [action, url] of urlsOf('provider'))
      if (action !== 'custom') expect(Object.keys(AUTH_ACTIONS)).toContain(url.slice(1));
    for (const [, url] of urlsOf('session')) expect(Object.keys(SESSION_ACTIONS)).toContain(url.slice(1));
  });

  it('stand on targets of the types that the server has', async () => {
    const runner = await createIdentityRunner();
    const targets = records('channels').map(({ data }) => data.target);
    for (const [target, action] of [
      ['/auth/user', '/resolve'],
      ['/session/user', '/touch'],
    ] as const) {
      expect(targets).toContain(target);
      const request = { method: 'POST', target, path: `${target}${action}`, event: '{}' };
      const { body } = await runner.handle(request, new AbortController().signal);
      expect(JSON.parse(body).result.error.code).not.toBe(3);
    }
  });

  it('have signing secrets that are long enough for HS512, and say that everybody knows them', () => {
    for (const { data } of records('tokens')) {
      expect(data.description).toMatch(/public.*make your own/is);
      expect(Buffer.from((data.signingSecret ?? '').replace('base64:', ''), 'base64')).toHaveLength(64);
    }
  });
});
