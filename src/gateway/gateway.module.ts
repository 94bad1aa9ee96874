import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { BACKEND_STATES } from '../contracts/backends.js';
import { COMPONENT_SOURCE, FINDING_BOARD, type ComponentSource, type FindingBoard } from '../contracts/components.js';
import { LIFECYCLE, type Lifecycle } from '../contracts/drain.js';
import { EDGE_VIEW } from '../contracts/edge-view.js';
import { GATEWAY_OPTIONS, type GatewayOptions } from '../contracts/gateway-options.js';
import { REPLICA, type ReplicaInfo } from '../contracts/replica.js';
import { REQUEST_SPANS, type RequestSpans } from '../contracts/request-spans.js';
import type { ProcessLog } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import { LOG, METRICS } from '../observability/tokens.js';
import { createChannelController, DISPATCH, type Dispatch } from './edge/channel-controller.factory.js';
import { GatewayEdgeView } from './edge/edge-view.js';
import { Listener, openServer, type ListenerPorts } from './edge/listener.js';
import { RequestIds } from './edge/request-id.js';
import { addBackendMetrics } from './execute/backend-metrics.js';
import { CrudExecutor } from './execute/crud.executor.js';
import { discoverPlugins, ExecutorRegistry } from './execute/executor.registry.js';
import { HTTP_WIRING, ProcessHttpWiring } from './execute/http-wiring.js';
import { LocalExecutor } from './execute/local.executor.js';
import { RpcExecutor } from './execute/rpc.executor.js';
import { RECONNECTS, type Reconnects } from '../contracts/reconnects.js';
import { Targets } from './execute/targets.js';
import { REQUEST_MOUNT, RequestFamily } from './families/request.family.js';
import { Pipeline } from './pipeline.js';
import { Recorder } from './record/recorder.js';
import { RequestLog } from './record/request-log.js';
import { RequestMetrics } from './record/request-metrics.js';
import { TokenKinds } from './resolve/token-kinds.js';
import { identifyStage } from './identify/identify-stage-of.js';
import { ChannelCompiler } from './resolve/channel-compiler.js';
import { mergedHeaders, SECURITY_HEADERS } from './resolve/response-headers.js';
import { RouteBuilder, RouteKeeper } from './resolve/route-builder.js';
import { RouteTable } from './resolve/route-table.js';

export { Listener, openServer };

/** What Nest's router serves (src/health): everything else is a channel's. */
const LOW_RATE: ReadonlySet<string> = new Set(['health', 'metrics', 'actuator']);

/** The parts of one process that see every request. */
export class DataPlane implements Dispatch {
  constructor(
    readonly listener: Listener,
    readonly pipeline: Pipeline,
    readonly family: RequestFamily,
    readonly view: GatewayEdgeView,
  ) {}
}

/** Wires ports into stages: the only Nest module of the hot path, and nothing of Nest behind it. */
@Module({
  imports: [DiscoveryModule],
  providers: [
    ExecutorRegistry,
    RpcExecutor,
    CrudExecutor,
    LocalExecutor,
    RouteTable,
    {
      provide: HTTP_WIRING,
      inject: [GATEWAY_OPTIONS, REPLICA, LOG, METRICS],
      useFactory: (options: GatewayOptions, replica: ReplicaInfo, log: ProcessLog, metrics: Metrics) => {
        const wiring = new ProcessHttpWiring(options, replica, log);
        addBackendMetrics(metrics, wiring);
        return wiring;
      },
    },
    { provide: BACKEND_STATES, useExisting: HTTP_WIRING },
    {
      provide: Targets,
      inject: [LOG, RECONNECTS],
      useFactory: (log: ProcessLog, reconnects: Reconnects) =>
        new Targets(
          (err) => log.log('warn', 'a pool did not close cleanly', { err }),
          () => reconnects.connected(),
        ),
    },
    {
      provide: RouteBuilder,
      inject: [ExecutorRegistry, Targets, GATEWAY_OPTIONS, RequestFamily],
      useFactory: (executors: ExecutorRegistry, targets: Targets, options: GatewayOptions, family: RequestFamily) =>
        new RouteBuilder(
          new ChannelCompiler({
            executors,
            targets,
            tokens: new TokenKinds({ allowUnsigned: options.allowUnsignedTokens }),
            identify: identifyStage((exchange) => family.read(exchange)),
            maxBufferedBytes: options.maxBufferedBytes,
            plainHeaders: plainHeaders(options),
          }),
        ),
    },
    {
      provide: RequestFamily,
      inject: [RouteTable, GATEWAY_OPTIONS],
      useFactory: (routes: RouteTable, options: GatewayOptions) => new RequestFamily(routes, options),
    },
    {
      provide: RouteKeeper,
      inject: [RouteBuilder, RouteTable, Targets, FINDING_BOARD],
      useFactory: (builder: RouteBuilder, routes: RouteTable, targets: Targets, board: FindingBoard) =>
        new RouteKeeper(builder, routes, targets, (findings) => board.replace('gateway', findings)),
    },
    {
      provide: DataPlane,
      inject: [GATEWAY_OPTIONS, REPLICA, LIFECYCLE, RouteTable, METRICS, LOG, REQUEST_SPANS],
      // eslint-disable-next-line max-params -- a factory takes what it wires
      useFactory: (
        options: GatewayOptions,
        replica: ReplicaInfo,
        lifecycle: Lifecycle,
        routes: RouteTable,
        metrics: Metrics,
        log: ProcessLog,
        spans: RequestSpans | null,
      ) => wireDataPlane({ options, replica, lifecycle, routes, metrics, log, spans }),
    },
    { provide: Listener, inject: [DataPlane], useFactory: (plane: DataPlane) => plane.listener },
    { provide: DISPATCH, inject: [DataPlane], useFactory: (plane: DataPlane): Dispatch => plane },
    { provide: EDGE_VIEW, inject: [DataPlane], useFactory: (plane: DataPlane) => plane.view },
  ],
  exports: [Listener, EDGE_VIEW, RouteTable, BACKEND_STATES],
})
export class GatewayModule implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private unsubscribe: (() => void) | null = null;

  // eslint-disable-next-line max-params -- what it brings together
  constructor(
    @Inject(COMPONENT_SOURCE) private readonly source: ComponentSource,
    private readonly keeper: RouteKeeper,
    private readonly targets: Targets,
    private readonly discovery: DiscoveryService,
    private readonly executors: ExecutorRegistry,
    private readonly local: LocalExecutor,
  ) {}

  onModuleInit(): void {
    discoverPlugins(this.discovery, this.executors, this.local);
  }

  /** `shared` brings the ports: components, settings, log, metrics. The root mount serves aliases, and comes last. */
  static register(shared: DynamicModule[]): DynamicModule {
    return {
      module: GatewayModule,
      imports: shared,
      controllers: [createChannelController(REQUEST_MOUNT), createChannelController('')],
    };
  }

  onApplicationBootstrap(): void {
    this.unsubscribe = this.source.subscribe((set) => this.keeper.follow(set));
  }

  async onModuleDestroy(): Promise<void> {
    this.unsubscribe?.();
    await this.targets.close();
  }
}

function plainHeaders(options: GatewayOptions): Readonly<Record<string, string>> {
  return options.securityHeaders ? SECURITY_HEADERS : {};
}

interface DataPlaneParts {
  readonly options: GatewayOptions;
  readonly replica: ReplicaInfo;
  readonly lifecycle: Lifecycle;
  readonly routes: RouteTable;
  readonly metrics: Metrics;
  readonly log: ProcessLog;
  readonly spans: RequestSpans | null;
}

function wireDataPlane({ options, replica, lifecycle, routes, metrics, log, spans }: DataPlaneParts): DataPlane {
  const counts = new RequestMetrics(metrics, () => listener.inFlight);
  const requestLog = new RequestLog(log, options.logRequests, options.gatewayId);
  const recorder = new Recorder(counts, requestLog, spans);
  const plain = mergedHeaders(plainHeaders(options));
  const eyes = {
    ignoredOrigin: (): void => counts.ignoredOrigin(),
    wantsDetail: requestLog.wantsDetail.bind(requestLog),
    keepsTries: spans !== null,
  };
  const pipeline = new Pipeline(options, eyes, plain);
  const ids = new RequestIds(options.idPrefix, replica);
  const family = new RequestFamily(routes, options);
  const ports: ListenerPorts = {
    dispatch: (exchange) => pipeline.run(exchange, family),
    refuse: (exchange, verdict) => pipeline.respond(exchange, verdict),
    record: (exchange) => recorder.record(exchange),
    recordBroken: (error) => counts.countError(error),
  };
  const listener: Listener = new Listener(options, lifecycle, ids, ports, LOW_RATE);
  metrics.addGauge(
    'sluice_config_revision',
    'Revision of the components in force.',
    () => routes.current.revision,
    'max',
  );
  metrics.addGauge('sluice_config_channels', 'Channels in force.', () => routes.current.channels.size, 'max');
  const view = new GatewayEdgeView({ options, routes, pipeline, family, plainHeaders: plain });
  return new DataPlane(listener, pipeline, family, view);
}
