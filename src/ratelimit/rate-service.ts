import type { Component } from '../contracts/components.js';
import type { Parameters } from '../contracts/records.js';
import { isRedisUrl } from './redis-url.js';

/** Where a service record keeps counts. */
export type RateService =
  | { readonly kind: 'memory' }
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'postgres' }
  | { readonly kind: 'unusable'; readonly message: string };

const CLASS = 'persistenceHelperClass';
const KINDS: Readonly<Record<string, 'memory' | 'redis' | 'postgres'>> = {
  memory: 'memory',
  caffeine: 'memory',
  redis: 'redis',
  valkey: 'redis',
  postgres: 'postgres',
};
const HELPER = /persistencehelper$/;

/** Any service with a persistenceHelperClass keeps rates, whatever its type (spec/components.md). */
export function keepsRates({ record }: Component<'service'>): boolean {
  if (record === null) return false;
  return record.type === 'rate' || parameter(record.parameters, CLASS) !== null;
}

/** What the parameters of a service that keeps rates say. Class names count by their last part. @param redisUrl redis.url */
export function rateServiceOf(parameters: Parameters | undefined, redisUrl: string | null): RateService {
  const written = parameter(parameters, CLASS);
  if (written === null) return unusable(`${CLASS} is missing: memory, redis or postgres is expected`);
  const name = written.split('.').at(-1)!.toLowerCase().replace(HELPER, '');
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name]! : null;
  if (kind === null) return unusable(`${CLASS} names no class that is known: memory, redis or postgres is expected`);
  return kind === 'redis' ? redisOf(parameter(parameters, 'configString') ?? redisUrl) : { kind };
}

function redisOf(url: string | null): RateService {
  if (url === null) return unusable('it has no configString, and redis.url is not set');
  if (!isRedisUrl(url)) return unusable('configString is no URL such as redis://user:password@host:6379/0');
  return { kind: 'redis', url };
}

const unusable = (message: string): RateService => ({ kind: 'unusable', message });

function parameter(parameters: Parameters | undefined, name: string): string | null {
  const value = parameters !== undefined && Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  return value === undefined || value === null || value === '' ? null : String(value);
}
