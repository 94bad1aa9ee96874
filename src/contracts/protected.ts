import type { MethodRule, PathRuleRecord } from './records.js';

/** What identify and authorize work on: channels, services and the Control API all compile to it. */
export interface Protected {
  readonly kind: 'channel' | 'service' | 'control';
  readonly id: string;
  /** Ids of token records. */
  readonly userToken: string | null;
  readonly guestToken: string | null;
  /** By key, as the record has them. */
  readonly rules: Readonly<Record<string, PathRuleRecord>>;
}
export type { MethodRule };
