import type { Component, ComponentSet, ComponentSource } from '../../contracts/components.js';
import type { LocalRunner, LocalRunnerFactory } from '../../contracts/local-runner.js';
import { isBuiltIn, type BuiltInRunner } from '../../storage/needs-runner.js';
import type { Service } from './plain-calls.js';

const RUNNERS: Readonly<Record<Service, BuiltInRunner>> = { auth: 'identity', session: 'session' };

interface Served {
  readonly key: string;
  readonly runner: LocalRunner | Promise<LocalRunner>;
}

/** The built-in servers as HTTP serves them: with the parameters of the first active system, by id, that is one; without, their defaults. */
export class ServedRunners {
  private readonly served = new Map<Service, Served>();

  constructor(
    private readonly source: Pick<ComponentSource, 'current'>,
    private readonly factories: Readonly<Record<Service, LocalRunnerFactory>>,
  ) {}

  /** @throws Error where the parameters cannot be used */
  of(service: Service): LocalRunner | Promise<LocalRunner> {
    const parameters = parametersOf(this.source.current(), RUNNERS[service]);
    const key = JSON.stringify(parameters);
    const known = this.served.get(service);
    if (known?.key === key) return known.runner;
    const runner = this.factories[service].create(new Map(Object.entries(parameters)));
    this.served.set(service, { key, runner });
    return runner;
  }
}

function parametersOf(set: ComponentSet | null, runner: BuiltInRunner): Readonly<Record<string, string>> {
  const systems: Component<'system'>[] = [...(set?.records.system.values() ?? [])];
  const found = systems.filter((system) => isBuiltIn(system, runner)).sort((a, b) => (a.id < b.id ? -1 : 1))[0];
  const given = Object.entries(found?.record?.parameters ?? {});
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}
