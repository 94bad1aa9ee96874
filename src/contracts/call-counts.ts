import type { ThrottlerStorage } from '@nestjs/throttler';

/** Counts the calls of low-rate controllers by address: bounded, and shared by replicas where a service keeps rates. */
export type CallCounts = ThrottlerStorage;
export const CALL_COUNTS = Symbol('CallCounts');
