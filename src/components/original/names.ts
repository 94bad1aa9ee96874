import type { ComponentKind } from '../../contracts/records.js';
import { readAliases } from './aliases.js';
import { KEYCLOAK_NAMES, readProviderOf } from './keycloak.js';
import { mapOf } from './maps.js';
import { readParameters } from './parameters.js';
import { placeOf } from './place.js';
import { protectedRecordOf, readHeaders } from './protected-record.js';
import type { Reader } from './reading.js';
import { readServiceParameters } from './redis.js';

/** Every name under which the original may have stored a field, by place (spec/original.md, "Names", "Nesting", "Maps"). */

const FILTER_NAMES = {
  retryErrorCodes: 'errorCodes',
  retryHttpStatusCodes: 'httpStatusCodes',
  retryErrorTexts: 'errorTexts',
};

const retry = placeOf({
  names: { retryFilter: 'filter' },
  flat: {
    retryErrorCodes: ['filter', 'errorCodes'],
    retryHttpStatusCodes: ['filter', 'httpStatusCodes'],
    retryErrorTexts: ['filter', 'errorTexts'],
  },
  parts: { filter: placeOf({ names: FILTER_NAMES }) },
});

const circuitBreaker = placeOf({
  names: {
    permittedCallsInHalfOpen: 'permittedNumberOfCallsInHalfOpenState',
    waitDurationInOpen: 'waitDurationInOpenState',
    maxWaitDurationInHalfOpen: 'maxWaitDurationInHalfOpenState',
    automaticTransitionFromOpenToHalfOpen: 'automaticTransitionFromOpenToHalfOpenEnabled',
  },
});

const methodRule = placeOf({
  names: { accessingRoles: 'roles', retries: 'retry' },
  parts: { retry, responseHeaders: readHeaders },
});

const pathRule = placeOf({
  names: { accessTokenVerificationRequired: 'verifyAccessToken', circuitBreak: 'circuitBreaker', retries: 'retry' },
  parts: {
    retry,
    circuitBreaker,
    responseHeaders: readHeaders,
    methods: mapOf({ name: 'methods', keys: ['method'], each: methodRule }),
  },
});

const readPaths = mapOf({ name: 'paths', keys: ['path'], each: pathRule });

const limitsByType = (name: string): Reader => mapOf({ name, keys: ['key', 'name', 'type'] });

const userRateLimit = placeOf({
  parts: {
    globalTypes: limitsByType('globalTypes'),
    pathsTypes: limitsByType('pathsTypes'),
    paths: mapOf({
      name: 'userRateLimit.paths',
      keys: ['path'],
      each: placeOf({ parts: { types: limitsByType('types') } }),
    }),
  },
});

/** Fields of a group that may stand flat, since the record itself has none of that name. */
const flatInto = (group: string, names: readonly string[]): Record<string, readonly [string, string]> =>
  Object.fromEntries(names.map((name) => [name, [group, name] as const]));

const ALL_NAMES = { applicableGateways: 'gateways' };
const PROTECTED_NAMES = { ...ALL_NAMES, pathAuthentications: 'paths' };
const EXECUTOR_NAMES = { systemExecutor: 'executor', executorClass: 'executor', systemParameters: 'parameters' };

const system = placeOf({
  tabs: ['definition'],
  names: { ...ALL_NAMES, ...EXECUTOR_NAMES },
  parts: { parameters: readParameters },
});

const channel = protectedRecordOf(
  {
    tabs: ['definition', 'authentication', 'resilience'],
    names: {
      ...PROTECTED_NAMES,
      ...EXECUTOR_NAMES,
      targetPath: 'target',
      targetStream: 'target',
      predefinedSystem: 'system',
      canAuditAllCalls: 'canAuditAll',
      rateLimit: 'rateLimiter',
    },
    flat: flatInto('userRateLimit', [
      ...['service', 'isEnabled', 'period', 'identifier', 'maxUnsynchronizedTokens', 'useBatching'],
      ...['maxTimeoutBetweenSynchronization', 'globalDefault', 'pathsDefault', 'globalTypes', 'pathsTypes'],
    ]),
    parts: { parameters: readParameters, aliases: readAliases, userRateLimit },
  },
  { readPaths, keepsExtensions: false },
);

const service = protectedRecordOf(
  {
    tabs: ['definition', 'authentication', 'resilience'],
    names: { ...PROTECTED_NAMES, serviceType: 'type' },
    parts: { parameters: readServiceParameters },
  },
  { readPaths, keepsExtensions: true },
);

const COOKIE_NAMES = {
  cookieDomain: 'domain',
  cookieSameSite: 'sameSite',
  cookiePath: 'path',
  refreshCookiePath: 'refreshPath',
  httpOnlyCookie: 'httpOnly',
  secureCookie: 'secure',
};
const PROVIDER_NAMES = { providerChannel: 'channel', providerUrls: 'urls' };
const SESSION_NAMES = { sessionChannel: 'channel', sessionUrls: 'urls' };

const provider = readProviderOf(
  placeOf({
    names: PROVIDER_NAMES,
    parts: {
      urls: mapOf({ name: 'urls' }),
      credential: mapOf({ name: 'credential' }),
      credentials: mapOf({ name: 'credentials' }),
    },
  }),
);

const namedInto = (group: string, names: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(names).map(([theirs, ours]) => [theirs, [group, ours] as const]));

const token = placeOf({
  tabs: ['definition', 'token'],
  names: ALL_NAMES,
  flat: {
    ...namedInto('cookie', COOKIE_NAMES),
    ...namedInto('provider', PROVIDER_NAMES),
    ...namedInto('session', SESSION_NAMES),
    ...flatInto('cookie', ['domain', 'sameSite', 'path', 'refreshPath', 'httpOnly', 'secure']),
    ...flatInto('provider', KEYCLOAK_NAMES),
    ...flatInto('session', ['bufferSize', 'bufferMs', 'batchSize']),
  },
  parts: {
    cookie: placeOf({ names: COOKIE_NAMES }),
    provider,
    session: placeOf({ names: SESSION_NAMES, parts: { urls: mapOf({ name: 'urls' }) } }),
  },
});

export const READERS: Readonly<Record<ComponentKind, Reader>> = { system, channel, service, token };
