import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Members } from '../check/members.js';
import { fromOriginal } from './from-original.js';

const page = readFileSync(join(import.meta.dirname, '../../../docs/moving-over.md'), 'utf8');

/** As spec/original.md lists them. */
const NAMES = [
  ...['applicableGateways', 'targetPath', 'targetStream', 'predefinedSystem', 'systemExecutor', 'executorClass'],
  ...['systemParameters', 'serviceType', 'canAuditAllCalls', 'pathAuthentications', 'accessTokenVerificationRequired'],
  ...['accessingRoles', 'rateLimit', 'circuitBreak', 'permittedCallsInHalfOpen', 'waitDurationInOpen'],
  ...[
    'maxWaitDurationInHalfOpen',
    'automaticTransitionFromOpenToHalfOpen',
    'retries',
    'retryFilter',
    'retryErrorCodes',
  ],
  ...['retryHttpStatusCodes', 'retryErrorTexts', 'cookieDomain', 'cookieSameSite', 'cookiePath', 'refreshCookiePath'],
  ...['httpOnlyCookie', 'secureCookie', 'providerChannel', 'providerUrls', 'sessionChannel', 'sessionUrls'],
  ...['headerKey', 'headerValue', 'singleServerConfig', 'clusterServersConfig', 'sentinelServersConfig'],
  ...['config', 'authServerUrl', 'realm', 'resource', 'credential.*', 'roles', 'idToken'],
];

describe('docs/moving-over.md', () => {
  it('shows a record of the original, and what it is read as', () => {
    const records = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(
      ([, text]) => (parse(text!) as { data: Members }).data,
    );
    expect(records).toHaveLength(2);
    const { fields, notes } = fromOriginal('channel', records[0]!);
    expect([fields, notes]).toEqual([records[1], []]);
  });
  it.each(NAMES)('has the name %s', (name) => {
    expect(page).toContain(`\`${name}\``);
  });
});
