import { describe, expect, it } from '@jest/globals';
import { maskRecord } from './mask-record.js';

const M = '********';

describe('a masked record', () => {
  it('shows no parameter that is secret by its name', () => {
    const parameters = {
      'server.baseUrl': 'http://me:p@ss@host/a?b=1',
      'server.header.Authorization': 'x',
      'server.cookie.a': 'x',
      'server.secret': 'x',
      'server.timeout': 5,
      token: 'x',
      clientSecret: 'x',
      configString: 'redis://a:b@c',
      'consumer.sasl.jaas.config': 'x',
      'fs.s3a.access.key': 'x',
      'db.passwd': 'x',
      'fs.uri': 'ftp://u:p@h/x',
    };
    expect(maskRecord('system', { executor: 'rpc', parameters })).toEqual({
      executor: 'rpc',
      parameters: {
        ...Object.fromEntries(Object.keys(parameters).map((name) => [name, M])),
        'server.baseUrl': 'http://host/a?b=1',
        'server.timeout': 5,
        'fs.uri': 'ftp://h/x',
      },
    });
  });
  it('hides what the executor declares as secret', () => {
    const masked = maskRecord('channel', { parameters: { pin: '1', pan: '2' } }, (name) => name === 'pin');
    expect(masked).toEqual({ parameters: { pin: M, pan: '2' } });
  });
  it('hides the keys of a token, and shows which they are', () => {
    const token = {
      apiKeyName: 'X-Key',
      encryptionKeyAlgorithm: 'AES',
      signingSecret: [{ kid: 'one', secret: 'x' }],
      encryptionSecret: 'x',
      provider: { clientId: 'me', clientSecret: 'x', credential: { deep: ['x'] } },
    };
    expect(maskRecord('token', token)).toEqual({
      apiKeyName: 'X-Key',
      encryptionKeyAlgorithm: 'AES',
      signingSecret: [{ kid: 'one', secret: M }],
      encryptionSecret: M,
      provider: { clientId: 'me', clientSecret: M, credential: { deep: [M] } },
    });
  });
  it('shows the rules of paths, whatever the paths are called', () => {
    const record = {
      paths: { '/secret/api-key': { isPublic: true, methods: { GET: { responseHeaders: { 'X-Api-Key': 'x' } } } } },
    };
    expect(maskRecord('channel', record)).toEqual({
      paths: { '/secret/api-key': { isPublic: true, methods: { GET: { responseHeaders: { 'X-Api-Key': M } } } } },
    });
  });
  it('hides what stands where a rule belongs and is none', () => {
    expect(maskRecord('channel', { paths: { token: 'x', '/secret': ['x'], '/a': 'x' } })).toEqual({
      paths: { token: M, '/secret': [M], '/a': 'x' },
    });
  });
  it('leaves lookups of URLs where no user-info is', () => {
    const masked = maskRecord('system', { parameters: { a: 'http://u:p${{?X}}@h', b: 'http://${{h}}/#{{x}}?a@b' } });
    expect(masked).toEqual({ parameters: { a: 'http://h', b: 'http://${{h}}/#{{x}}?a@b' } });
  });
  it('leaves the record itself as it is', () => {
    const record = { parameters: { token: 'x' } };
    maskRecord('system', record);
    expect(record.parameters.token).toBe('x');
  });
});
