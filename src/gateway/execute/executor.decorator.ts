import { DiscoveryService } from '@nestjs/core';

export const executorNames = DiscoveryService.createDecorator<readonly string[]>();
/** Registers a provider as an executor under a name and its aliases; case does not count, class names count by their last part. */
export const RegisterExecutor = (name: string, ...aliases: string[]): ClassDecorator =>
  executorNames([name, ...aliases]);
