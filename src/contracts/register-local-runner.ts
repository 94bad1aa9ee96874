import { DiscoveryService } from '@nestjs/core';

export const localRunnerNames = DiscoveryService.createDecorator<readonly string[]>();
/** Registers a provider that makes a local runner (LocalRunnerFactory): `@RegisterLocalRunner('sample')`. Found at boot. */
export const RegisterLocalRunner = (name: string): ClassDecorator => localRunnerNames([name]);
