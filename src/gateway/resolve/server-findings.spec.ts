import { describe, expect, it } from '@jest/globals';
import type { ProviderRecord } from '../../contracts/records.js';
import { tokenKindOf } from '../identify/token-kind.js';
import { namedServers } from './server-findings.js';

const OIDC = { type: 'oidc', issuer: 'https://sso.example.org', clientId: 'gateway', clientSecret: 's' };
const channelsOf = (provider: ProviderRecord): unknown[] => {
  const { kind } = tokenKindOf('shop', { signingSecret: 's'.repeat(64), provider }, { allowUnsigned: false });
  return namedServers(kind).map(({ channel }) => channel);
};

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
