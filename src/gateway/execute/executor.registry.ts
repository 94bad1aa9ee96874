import { Injectable } from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';
import type { Executor } from '../../contracts/executor.js';
import type { LocalRunnerFactory } from '../../contracts/local-runner.js';
import { localRunnerNames } from '../../contracts/register-local-runner.js';
import { executorNames } from './executor.decorator.js';
import type { LocalExecutor } from './local.executor.js';

/** An executor under the first of its names, whichever of them a record uses. */
export interface NamedExecutor {
  readonly name: string;
  readonly executor: Executor;
}

/** The executors that this process has: no duplicates, no fallback. */
@Injectable()
export class ExecutorRegistry {
  private readonly byName = new Map<string, NamedExecutor>();

  add(names: readonly string[], executor: Executor): void {
    for (const name of names) {
      const key = name.toLowerCase();
      if (this.byName.has(key)) throw new Error(`Two executors claim the name "${name}".`);
      this.byName.set(key, { name: names[0]!.toLowerCase(), executor });
    }
  }

  /** @param name as a record has it: `rpc`, `RPC`, or a class name of the original, which counts by its last part */
  find(name: string): NamedExecutor | null {
    return this.byName.get(name.slice(name.lastIndexOf('.') + 1).toLowerCase()) ?? null;
  }

  names(): string[] {
    return [...new Set([...this.byName.values()].map(({ name }) => name))].sort();
  }
}

/** Finds every registered executor and local runner, once, at boot. Two that claim one name stop it. */
export function discoverPlugins(discovery: DiscoveryService, executors: ExecutorRegistry, local: LocalExecutor): void {
  for (const provider of discovery.getProviders({ metadataKey: executorNames.KEY })) {
    executors.add(discovery.getMetadataByDecorator(executorNames, provider) ?? [], provider.instance as Executor);
  }
  for (const provider of discovery.getProviders({ metadataKey: localRunnerNames.KEY })) {
    const names = discovery.getMetadataByDecorator(localRunnerNames, provider) ?? [];
    for (const name of names) local.add(name, provider.instance as LocalRunnerFactory);
  }
}
