import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Executor } from '../../contracts/executor.js';
import { executorNames } from './executor.decorator.js';

/** The executors that this process has: found at boot, no duplicates, no fallback. */
@Injectable()
export class ExecutorRegistry implements OnModuleInit {
  private readonly byName = new Map<string, Executor>();

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    for (const provider of this.discovery.getProviders({ metadataKey: executorNames.KEY })) {
      const names = this.discovery.getMetadataByDecorator(executorNames, provider) ?? [];
      this.add(names, provider.instance as Executor);
    }
  }

  add(names: readonly string[], executor: Executor): void {
    for (const name of names) {
      const key = name.toLowerCase();
      if (this.byName.has(key)) throw new Error(`Two executors claim the name "${name}".`);
      this.byName.set(key, executor);
    }
  }

  /** @param name as a record has it: `rpc`, `RPC`, or a class name of the original, which counts by its last part */
  find(name: string): { readonly name: string; readonly executor: Executor } | null {
    const key = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
    const executor = this.byName.get(key);
    return executor === undefined ? null : { name: key, executor };
  }

  names(): string[] {
    return [...this.byName.keys()].filter((name) => !name.endsWith('executor'));
  }
}
