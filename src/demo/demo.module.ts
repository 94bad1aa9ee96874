import { Module, type DynamicModule } from '@nestjs/common';
import { SampleLocalRunner } from './sample-local-runner.js';

/** The sample runner inside this process: systems with executor `local` and runner `sample`. */
@Module({})
export class DemoModule {
  static register(dataFolder: string): DynamicModule {
    return {
      module: DemoModule,
      providers: [{ provide: SampleLocalRunner, useFactory: () => new SampleLocalRunner(dataFolder) }],
    };
  }
}
