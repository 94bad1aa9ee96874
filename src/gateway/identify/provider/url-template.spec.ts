import { describe, expect, it } from '@jest/globals';
import { UrlTemplate, type UrlPlace, type UrlValues } from './url-template.js';

const ALL: readonly UrlPlace[] = ['type', 'originKey', 'sessionId'];

function filled(text: string, values: UrlValues = {}) {
  const template = UrlTemplate.of(text, ALL);
  if (typeof template === 'string') throw new Error(template);
  return template.fill(values);
}

describe('the URL of an action', () => {
  it('is a path at the channel, with or without a leading slash', () => {
    expect(filled('/login')).toMatchObject({ path: '/login', encodedPath: '/login', query: '' });
    expect(filled('login')).toMatchObject({ path: '/login', encodedPath: '/login' });
    expect(filled('/')).toMatchObject({ path: '/', encodedPath: '' });
  });
  it('gives its query as per-call settings of the runner', () => {
    expect(filled('/login?expiration=60&noTokens=true')).toMatchObject({
      path: '/login',
      query: 'expiration=60&noTokens=true',
      settingsText: '{"expiration":"60","noTokens":"true"}',
    });
    expect(filled('/login')!.settingsText).toBe('{}');
  });
  it('is filled at every place, in the query too', () => {
    expect(
      filled('/expire/{originKey}/{sessionId}?of={type}', { type: 'a&b', originKey: 'user-1', sessionId: 's1' }),
    ).toEqual({
      path: '/expire/user-1/s1',
      encodedPath: '/expire/user-1/s1',
      query: 'of=a%26b',
      settingsText: '{"of":"a&b"}',
    });
  });
  it('has filled values percent-encoded in the URL, and readable in the event', () => {
    expect(filled('/extend/{originKey}', { originKey: 'user-jo é@example.org' })).toMatchObject({
      path: '/extend/user-jo é@example.org',
      encodedPath: '/extend/user-jo%20%C3%A9%40example.org',
    });
  });
  it.each(['a/b', 'a\\b', 'a;b', '/../admin'])('has no other segments by the value %j', (originKey) => {
    const { path, encodedPath } = filled('/extend/{originKey}', { originKey })!;
    expect(path).toBe(`/extend/${encodeURIComponent(originKey)}`);
    expect(encodedPath).toBe(path);
  });
  it.each([undefined, null, '', '.', '..', 'a\nb', '\u0000', '\ud800'])('cannot be filled with %j', (type) => {
    expect(filled('/login/{type}', type === undefined ? {} : { type })).toBeNull();
  });
  it.each([
    ['https://example.org/login', /not a URL with a host/],
    ['//example.org/login', /not a URL with a host/],
    ['/a/../login', /dot segment/],
    ['/login#part', /fragment/],
    ['/log in', /white space/],
    ['/login/{user}', /knows no \{user\}: \{type\}, \{originKey\}, \{sessionId\}/],
  ])('is refused when the record is compiled: %s', (text, why) => {
    expect(UrlTemplate.of(text, ALL)).toMatch(why);
  });
  it('tells which places it has', () => {
    const template = UrlTemplate.of('/a/{type}?key={originKey}', ALL) as UrlTemplate;
    expect(ALL.map((place) => template.has(place))).toEqual([true, true, false]);
  });
});
