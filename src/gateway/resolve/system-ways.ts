import type { Component, Finding } from '../../contracts/components.js';
import { ParametersRejected, type Callee, type Target } from '../../contracts/executor.js';
import type { ChannelRecord } from '../../contracts/records.js';
import type { ExecutorRegistry } from '../execute/executor.registry.js';
import type { Targets } from '../execute/targets.js';
import { CONFIGURATION, finding, parameterFinding, type Place } from './compiler-finding.js';
import { parameterWarnings, readingOf, type FoundExecutor, type Reading } from './system-reading.js';

export interface WaySurroundings {
  readonly executors: ExecutorRegistry;
  readonly targets: Targets;
  readonly maxBufferedBytes: number;
}

/** What says where the calls of a channel go: its own record, and that of its system. */
export interface WayParts {
  readonly channel: Component<'channel'>;
  readonly system: Component<'system'> | undefined;
}

export interface Way {
  readonly target: Target;
  readonly callee: Callee;
}

/** Executors and parameters of systems and channels → where calls go. */
export class SystemWays {
  private readonly readings = new WeakMap<Component, Reading>();
  private readonly executors: ExecutorRegistry;
  private readonly targets: Targets;
  private readonly maxBufferedBytes: number;

  constructor({ executors, targets, maxBufferedBytes }: WaySurroundings) {
    this.executors = executors;
    this.targets = targets;
    this.maxBufferedBytes = maxBufferedBytes;
  }

  /** The target of a channel, and how it is called; null: it cannot be, and the findings say why. */
  find(parts: WayParts, record: ChannelRecord, findings: Finding[]): Way | null {
    const system = parts.system?.record ?? null;
    const channelPlace: Place = { kind: 'channel', component: parts.channel };
    const systemPlace: Place = system === null ? channelPlace : { kind: 'system', component: parts.system! };
    const name = record.executor ?? system?.executor ?? '';
    const namedBy = record.executor === undefined ? systemPlace : channelPlace;
    const found = this.executors.find(name);
    if (found === null) {
      findings.push(this.unknownExecutor(namedBy, name));
      return null;
    }
    if (record.parameters !== undefined) {
      findings.push(...parameterWarnings(channelPlace, record.parameters, found.executor));
    }
    const { parameters, key, warnings } =
      record.parameters === undefined && record.executor === undefined
        ? this.systemReading(parts.system!, systemPlace, found)
        : readingOf(systemPlace, system?.parameters, record.parameters, found);
    findings.push(...warnings);
    try {
      const target = this.targets.get(found.executor, parameters, {
        name: system === null ? parts.channel.id : parts.system!.id,
        key,
        maxBufferedBytes: this.maxBufferedBytes,
      });
      const callee = target.bind({
        channel: parts.channel.id,
        target: record.target ?? '/',
        method: record.method?.toUpperCase() ?? null,
        allowedRunnerHeaders: allowedHeaders(record),
      });
      return { target, callee };
    } catch (error) {
      if (!(error instanceof ParametersRejected)) throw error;
      for (const fault of error.faults) {
        const place = record.parameters?.[fault.parameter] === undefined ? systemPlace : channelPlace;
        findings.push(parameterFinding(place, fault.parameter, `${fault.parameter} ${fault.message}`, 'fault'));
      }
      return null;
    }
  }

  /** Findings of a system that no channel uses; one that is used is checked together with what its channels add. */
  check(system: Component<'system'>): Finding[] {
    const findings: Finding[] = [];
    const { record } = system;
    if (record === null) return findings;
    const place: Place = { kind: 'system', component: system };
    const found = this.executors.find(record.executor);
    if (found === null) return [this.unknownExecutor(place, record.executor)];
    const { parameters: given = {} } = record;
    findings.push(...parameterWarnings(place, given, found.executor));
    const { parameters, key } = this.systemReading(system, place, found);
    try {
      // To prepare is not to open: a target that nobody calls has nothing to close.
      found.executor.prepare(parameters, { name: system.id, key, maxBufferedBytes: this.maxBufferedBytes });
    } catch (error) {
      if (!(error instanceof ParametersRejected)) throw error;
      // What is missing a channel may still give.
      for (const { parameter, message } of error.faults) {
        if (Object.hasOwn(given, parameter))
          findings.push(parameterFinding(place, parameter, `${parameter} ${message}`, 'fault'));
      }
    }
    return findings;
  }

  /** A system that channels take as it is, is read once for all of them. */
  private systemReading(system: Component<'system'>, place: Place, found: FoundExecutor): Reading {
    let reading = this.readings.get(system);
    if (reading === undefined) {
      reading = readingOf(place, system.record?.parameters, undefined, found);
      this.readings.set(system, reading);
    }
    return reading;
  }

  private unknownExecutor(place: Place, name: string): Finding {
    const known = this.executors.names().join(', ');
    return finding(place, '/executor', `"${name}" is no executor; there are: ${known}`, CONFIGURATION);
  }
}

/** Headers of its runner that a channel hands on, in lower case. */
export function allowedHeaders(record: ChannelRecord): ReadonlySet<string> {
  return new Set((record.allowedRunnerHeaders ?? []).map((name) => name.toLowerCase()));
}
