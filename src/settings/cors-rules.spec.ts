import { describe, expect, it } from '@jest/globals';
import type { CorsRules } from '../contracts/cors-rules.js';
import { toGatewayOptions } from './gateway-options.js';
import { SettingsRejected } from './faults.js';
import { readSettings, type LoadedSettings } from './read-settings.js';

const CORS = 'security.cors';
const read = (...pairs: string[]): LoadedSettings =>
  readSettings({ argv: pairs.flatMap((pair) => ['--set', pair]), env: {}, cwd: '/nonexistent' });
const withCors = (...pairs: string[]): LoadedSettings =>
  read(`${CORS}.enabled=true`, ...pairs.map((pair) => `${CORS}.${pair}`));
const rulesOf = (...pairs: string[]): CorsRules => toGatewayOptions(withCors(...pairs).settings).cors!;

function faultsOf(...pairs: string[]): string[] {
  try {
    withCors(...pairs);
  } catch (error) {
    if (error instanceof SettingsRejected)
      return error.faults.map(({ property, value, problem }) => `${property} = ${value}: ${problem}`);
    throw error;
  }
  return [];
}

describe('the rules of CORS', () => {
  it('are none unless it is switched on', () => {
    expect(toGatewayOptions(read(`${CORS}.allowed.origins=https://a.example`).settings).cors).toBeNull();
  });
  it('let nobody call, with a warning, where no origin is named', () => {
    expect(rulesOf().allowsOrigin('https://a.example')).toBe(false);
    expect(withCors().warnings).toEqual([
      'security.cors.enabled without security.cors.allowed.origins or security.cors.allowed.originPatterns: no other origin may call',
    ]);
  });
  it('have defaults for all else', () => {
    const { isOpen, withCredentials, methods, headers, maxAgeSeconds } = rulesOf('allowed.origins=https://a.example');
    expect({ isOpen, withCredentials, headers, maxAgeSeconds }).toEqual({
      isOpen: false,
      withCredentials: true,
      headers: null,
      maxAgeSeconds: 1800,
    });
    expect([...methods!]).toEqual(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
  });
  it('let the origins call that are named', () => {
    const { allowsOrigin } = rulesOf('allowed.origins=https://Good.example:443, http://localhost:3000');
    expect(['https://good.example', 'http://localhost:3000'].map(allowsOrigin)).toEqual([true, true]);
  });
  it.each([
    ...['null', '', '*', 'https://good.example.evil.com', 'https://evil.com/.good.example', 'http://good.example'],
    ...['https://good.example:8443', 'https://xgood.example', 'https://evil.com\\.good.example', 'good.example'],
    ...[
      'https://evil.com:x.good.example',
      'https://u@a.good.example',
      'https://a.good.example, https://a.good.example',
    ],
    `https://${'a'.repeat(30_000)}.good.example`,
  ])('do not let %j call beside them, nor by a pattern', (origin) => {
    const { allowsOrigin } = rulesOf(
      'allowed.origins=https://good.example',
      'allowed.originPatterns=https://*.good.example',
    );
    expect(allowsOrigin(origin)).toBe(false);
    expect(allowsOrigin('https://a.good.example')).toBe(true);
  });
  it.each(['allowed.origins=*', 'allowed.originPatterns=*', 'allowed.origins=https://a.example, *'])(
    'let everybody call with %s, without credentials',
    (pair) => {
      const { isOpen, withCredentials, allowsOrigin } = rulesOf(pair, 'credentials=false');
      expect([isOpen, withCredentials, allowsOrigin('https://any.example')]).toEqual([true, false, true]);
    },
  );
  it('hold names of methods and headers in the case in which they are compared', () => {
    const rules = rulesOf('allowed.methods=get, Put', 'allowed.headers=X-A, x-b', 'maxAge=0');
    expect([[...rules.methods!], [...rules.headers!], rules.maxAgeSeconds]).toEqual([
      ['GET', 'HEAD', 'PUT'],
      ['x-a', 'x-b'],
      0,
    ]);
  });
  it('let any method and any header pass with *', () => {
    expect(rulesOf('allowed.methods=*', 'allowed.headers=*')).toMatchObject({ methods: null, headers: null });
  });
});

const ANYBODY =
  'lets every site call with the cookies of its visitors: list the origins, or set security.cors.credentials to false';

describe('a start is refused', () => {
  it.each(['allowed.origins', 'allowed.originPatterns'])('where any origin may call with credentials: %s', (name) => {
    const fault = `security.cors.${name} = "*": ${ANYBODY}`;
    expect(faultsOf(`${name}=*`)).toEqual([fault]);
    expect(faultsOf(`${name}=*`, 'credentials=true')).toEqual([fault]);
  });
  it('for nothing of that while CORS is off', () => {
    expect(read(`${CORS}.allowed.origins=*`).warnings).toEqual([]);
  });
  it.each([
    ['allowed.origins=null', '"null" is not'],
    ['allowed.origins=https://a.example/', '"https://a.example/" is not'],
    ['allowed.origins=https://a.example, b.example', '"b.example" is not'],
    ['allowed.originPatterns=*.example.com', '"*.example.com" is not'],
    ['allowed.methods=GET POST', '"GET POST" is not'],
    ['allowed.headers=X-A: b', '"X-A: b" is not'],
    ['maxAge=-1', 'expected a whole number'],
    ['credentials=perhaps', 'expected true or false'],
  ])('with %s', (pair, problem) => {
    expect(faultsOf(pair)).toEqual([expect.stringContaining(problem)]);
  });
});

describe('a start warns', () => {
  it('of patterns that let in hosts of anybody', () => {
    expect(withCors('allowed.originPatterns=https://shop.example*, https://*.shop.example').warnings).toEqual([
      'security.cors.allowed.originPatterns: "https://shop.example*" lets in hosts that anybody can have',
    ]);
  });
  it('of a CSRF cookie without CSRF protection', () => {
    expect(read('security.csrf.cookie=true').warnings).toEqual([
      'security.csrf.cookie has no effect without security.csrf.enabled',
    ]);
    expect(read('security.csrf.cookie=true', 'security.csrf.enabled=true').warnings).toEqual([]);
  });
});
