import type { Component, ComponentSet, Finding } from '../../contracts/components.js';
import type { RateStore, RateStoreChoice, RateStores } from '../../contracts/rate-store.js';
import type { ChannelRecord } from '../../contracts/records.js';
import { limitRulesOf, type LimitRules } from '../limit/limit-rules.js';
import { CONFIGURATION, finding, type Place } from './compiler-finding.js';

/** A service that a channel names, and that is missing or cannot be used. */
const SERVICE_AT_FAULT = 17003;

/** The limits that a channel's record asks for. */
export interface ReadLimits {
  /** Null where the record asks for none, and where there is a fault. */
  readonly rules: LimitRules | null;
  /** Where users are counted; null: in this process. */
  readonly store: RateStore | null;
  readonly findings: readonly Finding[];
  /** Why the channel may not open: without its limits it does not. */
  readonly lacks: 'limits' | 'store' | null;
}

/** @param rates the choice that `rateStoreOf` made for this record */
export function readLimits(
  record: ChannelRecord,
  channel: Component<'channel'>,
  rates: RateStoreChoice | null,
): ReadLimits {
  const { rules, faults, warnings } = limitRulesOf(record, channel.id);
  const place: Place = { kind: 'channel', component: channel };
  const findings = faults.map(({ pointer, message }) => finding(place, pointer, message, CONFIGURATION));
  for (const { pointer, message } of warnings)
    findings.push(finding(place, pointer, message, CONFIGURATION, 'warning'));
  // Where nobody is limited it does not matter where they would be counted.
  const choice = (rules?.userRate ?? null) === null ? null : rates;
  if (choice !== null && choice.finding !== null) {
    const { severity, message } = choice.finding;
    findings.push(finding(place, '/userRateLimit/service', message, SERVICE_AT_FAULT, severity));
  }
  const lacksStore = choice?.finding?.severity === 'fault';
  const lacks = lacksStore ? 'store' : faults.length > 0 ? 'limits' : null;
  return { rules, store: rates?.store ?? null, findings, lacks };
}

/** Where the users of a channel are counted; null: its record limits none. */
export function rateStoreOf(
  { record }: Component<'channel'>,
  { records }: ComponentSet,
  stores: Pick<RateStores, 'choose'>,
): RateStoreChoice | null {
  if (record?.userRateLimit === undefined) return null;
  return stores.choose(record.userRateLimit.service, records.service.values());
}
