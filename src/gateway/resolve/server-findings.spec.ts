import { describe, expect, it } from '@jest/globals';
import type { ProviderRecord } from '../../contracts/records.js';
import { tokenKindOf } from '../identify/token-kind.js';
import { aComponent } from '../../../test/support/some-components.js';
import { namedServers } from './server-findings.js';
import { TokenKinds } from './token-kinds.js';

const OIDC = { type: 'oidc', issuer: 'https://sso.example.org', clientId: 'gateway', clientSecret: 's' };
const channelsOf = (provider: ProviderRecord): unknown[] => {
  const { kind } = tokenKindOf('shop', { signingSecret: 's'.repeat(64), provider }, { allowUnsigned: false });
  return namedServers(kind).map(({ channel }) => channel);
};

describe('logins in browsers', () => {
  const warned = (publicUrl: string | null | undefined, redirectUris: readonly string[]): unknown => {
    const record = { signingSecret: 's'.repeat(64), provider: { ...OIDC, redirectUris } };
    const kinds = new TokenKinds({ allowUnsigned: false, ...(publicUrl === undefined ? {} : { publicUrl }) });
    return kinds.compiled(aComponent('token', 'shop', record)).findings.map(({ pointer }) => pointer);
  };
  it('are warned of where nobody has said how browsers reach this gateway', () => {
    expect(warned(null, ['https://app.example.org/'])).toEqual(['/provider/redirectUris']);
    expect(warned('https://gw.example.org', ['https://app.example.org/'])).toEqual([]);
    expect(warned(null, [])).toEqual([]);
    expect(warned(undefined, ['https://app.example.org/'])).toEqual([]);
  });
});

describe('the channels that a provider needs', () => {
  it('are that of an authentication server behind one', () => {
    expect(channelsOf({ channel: 'auth', urls: { login: '/login' } })).toEqual(['auth']);
  });
  it('are none of an OpenID Connect provider, but for actions that have a URL', () => {
    expect(channelsOf(OIDC)).toEqual([]);
    expect(channelsOf({ ...OIDC, channel: 'left over' })).toEqual([]);
    expect(channelsOf({ ...OIDC, channel: 'auth', urls: { resolveKey: '/key' } })).toEqual(['auth']);
  });
});
