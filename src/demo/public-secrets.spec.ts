import { describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { loadFolderOnce } from '../components/load-folder-once.js';
import type { ComponentSet } from '../contracts/components.js';
import { publiclySigned } from './public-secrets.js';

const folderOf = (name: string): string => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
const signedWith = (signingSecret: unknown) =>
  publiclySigned({
    records: { token: new Map([['mine', { record: { signingSecret } }]]) },
  } as unknown as Pick<ComponentSet, 'records'>);

describe('a token record that signs with a secret of the samples', () => {
  it.each(['components', 'compose'])('is known: each of examples/%s', async (name) => {
    const set = await loadFolderOnce({ folder: folderOf(name), gatewayId: 'default' });
    expect(set.records.token.size).toBeGreaterThan(0);
    expect(publiclySigned(set)).toEqual([...set.records.token.keys()]);
  });
  it('is known where it is one of several', async () => {
    const { records } = await loadFolderOnce({ folder: folderOf('components'), gatewayId: 'default' });
    const { signingSecret } = records.token.get('user_token')!.record as unknown as { signingSecret: string };
    expect(signedWith([{ secret: 'one of my own' }, { secret: signingSecret }])).toEqual(['mine']);
  });
  it.each([['a secret of my own'], [[{ kid: '1', secret: 'a secret of my own' }]], [undefined]])(
    'is no record with %j',
    (secret) => expect(signedWith(secret)).toEqual([]),
  );
});
