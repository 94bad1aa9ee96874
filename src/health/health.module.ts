import { Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ActuatorController } from './actuator.controller.js';
import { FleetReport } from './fleet-report.js';
import { HealthController } from './health.controller.js';
import { HealthReport } from './health-report.js';
import { MetricsController } from './metrics.controller.js';

/** Probes for load balancers, details and metrics for operators (spec/apis.md). */
@Module({
  providers: [HealthReport, FleetReport],
  controllers: [HealthController, ActuatorController, MetricsController],
})
export class HealthModule {
  /** `shared` brings the ports: edge, findings, lifecycle, metrics, and who may read details. */
  static register(shared: DynamicModule[]): DynamicModule {
    return { module: HealthModule, imports: [TerminusModule.forRoot({ logger: false }), ...shared] };
  }
}
