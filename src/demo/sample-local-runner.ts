import { Injectable } from '@nestjs/common';
import { join } from 'node:path';
import type { LocalRunner, LocalRunnerFactory } from '../contracts/local-runner.js';
import { RegisterLocalRunner } from '../contracts/register-local-runner.js';
import { SAMPLE_RUNNER } from './built-examples.js';

interface SampleModule {
  createSampleRunner(options: { dataFolder: string }): LocalRunner;
}

/** `runner: sample`: the sample runner inside this process, with records of its own. */
@Injectable()
@RegisterLocalRunner('sample')
export class SampleLocalRunner implements LocalRunnerFactory {
  constructor(private readonly dataFolder: string) {}

  async create(): Promise<LocalRunner> {
    // By address: the examples are built apart, and are no part of the gateway.
    const sample = (await import(new URL('sample-runner.js', SAMPLE_RUNNER).href)) as SampleModule;
    return sample.createSampleRunner({ dataFolder: join(this.dataFolder, 'sample-local') });
  }
}
