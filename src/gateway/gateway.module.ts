import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { ThrottlerModule, ThrottlerStorage } from '@nestjs/throttler';
import { BACKEND_STATES, BACKENDS_IN_FORCE, type BackendInForce } from '../contracts/backends.js';
import { BREAKER_STATES } from '../contracts/breaker-states.js';
import { CALL_COUNTS } from '../contracts/call-counts.js';
import { COMPONENT_SOURCE, FINDING_BOARD, type ComponentSource, type FindingBoard } from '../contracts/components.js';
import { LIMIT_VIEWS } from '../contracts/limit-states.js';
import { LIFECYCLE, type Lifecycle } from '../contracts/drain.js';
import { EDGE_VIEW } from '../contracts/edge-view.js';
import { GATEWAY_OPTIONS, type GatewayOptions } from '../contracts/gateway-options.js';
import { REPLICA, type ReplicaInfo } from '../contracts/replica.js';
import { TOKEN_GATE } from '../contracts/token-gate.js';
import { TOKEN_LEDGER, type TokenLedger } from '../contracts/token-ledger.js';
import { REQUEST_SPANS, type RequestSpans } from '../contracts/request-spans.js';
import type { ProcessLog } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import { LOG, METRICS } from '../observability/tokens.js';
import { DataPlane, plainHeaders, wireDataPlane } from './data-plane.js';
import { createChannelController, DISPATCH, type Dispatch } from './edge/channel-controller.factory.js';
import { Listener, openServer } from './edge/listener.js';
import { RequestIds } from './edge/request-id.js';
import { addBackendMetrics } from './execute/backend-metrics.js';
import { CrudExecutor } from './execute/crud.executor.js';
import { discoverPlugins, ExecutorRegistry } from './execute/executor.registry.js';
import { HTTP_WIRING, ProcessHttpWiring, type HttpWiring } from './execute/http-wiring.js';
import { LocalExecutor } from './execute/local.executor.js';
import { RpcExecutor } from './execute/rpc.executor.js';
import { LimitStates } from './limit/channel-limits.js';
import { ThrottlerRates } from './limit/user-rate/throttler-rates.js';
import { LimitStage } from './limit/limit.stage.js';
import { limitedChannels, retainStores, wireLimits } from './limit/limit-wiring.js';
import { RATE_STORES, type RateStores } from '../contracts/rate-store.js';
import { RECONNECTS, type Reconnects } from '../contracts/reconnects.js';
import { Targets } from './execute/targets.js';
import { REQUEST_MOUNT, RequestFamily } from './families/request.family.js';
import { TokenKinds } from './resolve/token-kinds.js';
import {
  AUTH_DISPATCH,
  AuthController,
  AuthThrottlerGuard,
  TooManyCallsFilter,
  type AuthDispatch,
} from './edge/auth.controller.js';
import { GatewayTokenGate } from './identify/gateway-token-gate.js';
import { Identity } from './identity.js';
import { ChannelCompiler } from './resolve/channel-compiler.js';
import { RouteBuilder, RouteKeeper } from './resolve/route-builder.js';
import { RouteTable } from './resolve/route-table.js';

export { Listener, openServer };

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
      inject: [GATEWAY_OPTIONS, REPLICA, LOG, METRICS, BACKENDS_IN_FORCE],
      // eslint-disable-next-line max-params -- a factory takes what it wires
      useFactory: (
        options: GatewayOptions,
        replica: ReplicaInfo,
        log: ProcessLog,
        metrics: Metrics,
        inForce: Set<BackendInForce>,
      ) => {
        const wiring = new ProcessHttpWiring(options, replica, log, inForce);
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
      inject: [ExecutorRegistry, Targets, GATEWAY_OPTIONS, TokenKinds, Identity, LimitStates, RATE_STORES],
      // eslint-disable-next-line max-params -- a factory takes what it wires
      useFactory: (
        executors: ExecutorRegistry,
        targets: Targets,
        options: GatewayOptions,
        tokens: TokenKinds,
        identity: Identity,
        limits: LimitStates,
        stores: RateStores,
      ) =>
        new RouteBuilder(
          new ChannelCompiler({
            executors,
            targets,
            tokens,
            limits,
            stages: { ...identity.stages, limit: new LimitStage(options.trustedProxies) },
            maxBufferedBytes: options.maxBufferedBytes,
            plainHeaders: plainHeaders(options),
          }),
          stores,
          options.ownSegments,
        ),
    },
    {
      provide: RequestFamily,
      inject: [RouteTable, GATEWAY_OPTIONS],
      useFactory: (routes: RouteTable, options: GatewayOptions) => new RequestFamily(routes, options),
    },
    {
      provide: TokenKinds,
      inject: [GATEWAY_OPTIONS],
      useFactory: (options: GatewayOptions) =>
        new TokenKinds({ allowUnsigned: options.allowUnsignedTokens, publicUrl: options.publicUrl }),
    },
    {
      provide: LimitStates,
      inject: [GATEWAY_OPTIONS, HTTP_WIRING, METRICS, FINDING_BOARD, LOG],
      // eslint-disable-next-line max-params -- a factory takes what it wires
      useFactory: (
        options: GatewayOptions,
        wiring: HttpWiring,
        metrics: Metrics,
        board: FindingBoard,
        log: ProcessLog,
      ) => wireLimits({ options, wiring, metrics, board, log }),
    },
    { provide: BREAKER_STATES, useExisting: LimitStates },
    { provide: LIMIT_VIEWS, useExisting: LimitStates },
    {
      provide: RequestIds,
      inject: [GATEWAY_OPTIONS, REPLICA],
      useFactory: (options: GatewayOptions, replica: ReplicaInfo) => new RequestIds(options.idPrefix, replica),
    },
    {
      provide: Identity,
      inject: [GATEWAY_OPTIONS, RouteTable, RequestFamily, RequestIds, TOKEN_LEDGER, METRICS, FINDING_BOARD, LOG],
      // eslint-disable-next-line max-params -- a factory takes what it wires
      useFactory: (
        options: GatewayOptions,
        routes: RouteTable,
        family: RequestFamily,
        ids: RequestIds,
        ledger: TokenLedger,
        metrics: Metrics,
        board: FindingBoard,
        log: ProcessLog,
      ) => new Identity({ options, routes, family, ids, ledger, metrics, board, log }),
    },
    {
      provide: RouteKeeper,
      inject: [RouteBuilder, RouteTable, Targets, FINDING_BOARD, TokenKinds, Identity, LimitStates, RATE_STORES],
      // eslint-disable-next-line max-params -- a factory takes what it wires
      useFactory: (
        builder: RouteBuilder,
        routes: RouteTable,
        targets: Targets,
        board: FindingBoard,
        tokens: TokenKinds,
        { sessions, issuers }: Identity,
        limits: LimitStates,
        stores: RateStores,
      ) =>
        new RouteKeeper(
          builder,
          routes,
          targets,
          (findings) => board.replace('gateway', findings),
          (set) => {
            sessions.retain(tokens.sessionKeys());
            issuers.retain(tokens.issuerUses(set.records.token));
            limits.retain(limitedChannels(routes.current));
            limits.throttleStore = stores.choose(undefined, set.records.service.values()).store;
            retainStores(limits, stores);
          },
        ),
    },
    {
      provide: AUTH_DISPATCH,
      inject: [DataPlane, Identity, GATEWAY_OPTIONS],
      useFactory: ({ pipeline }: DataPlane, { flows }: Identity, { trustedProxies }: GatewayOptions): AuthDispatch => ({
        ...{ pipeline, flows, proxies: trustedProxies },
      }),
    },
    {
      provide: ThrottlerStorage,
      inject: [LimitStates],
      useFactory: (limits: LimitStates) =>
        new ThrottlerRates(
          () => limits.throttleLink,
          () => performance.now(),
        ),
    },
    AuthThrottlerGuard,
    TooManyCallsFilter,
    {
      provide: DataPlane,
      inject: [GATEWAY_OPTIONS, RequestIds, LIFECYCLE, RouteTable, METRICS, LOG, REQUEST_SPANS, RequestFamily],
      // eslint-disable-next-line max-params -- a factory takes what it wires
      useFactory: (
        options: GatewayOptions,
        ids: RequestIds,
        lifecycle: Lifecycle,
        routes: RouteTable,
        metrics: Metrics,
        log: ProcessLog,
        spans: RequestSpans | null,
        family: RequestFamily,
      ) => wireDataPlane({ options, ids, lifecycle, routes, metrics, log, spans, family }),
    },
    { provide: CALL_COUNTS, useExisting: ThrottlerStorage },
    {
      provide: TOKEN_GATE,
      inject: [COMPONENT_SOURCE, TokenKinds, Identity],
      useFactory: (source: ComponentSource, kinds: TokenKinds, { stages }: Identity) =>
        new GatewayTokenGate(source, kinds, stages.identify),
    },
    { provide: Listener, inject: [DataPlane], useFactory: (plane: DataPlane) => plane.listener },
    { provide: DISPATCH, inject: [DataPlane], useFactory: (plane: DataPlane): Dispatch => plane },
    { provide: EDGE_VIEW, inject: [DataPlane], useFactory: (plane: DataPlane) => plane.view },
  ],
  exports: [Listener, EDGE_VIEW, RouteTable, BACKEND_STATES, BREAKER_STATES, LIMIT_VIEWS, CALL_COUNTS, TOKEN_GATE],
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
    private readonly identity: Identity,
    private readonly limits: LimitStates,
  ) {}

  onModuleInit(): void {
    discoverPlugins(this.discovery, this.executors, this.local);
  }

  /** `shared` brings the ports: components, settings, log, metrics. The root mount serves aliases, and comes last. */
  static register(shared: DynamicModule[]): DynamicModule {
    return {
      module: GatewayModule,
      imports: [...shared, throttler(shared)],
      controllers: [AuthController, createChannelController(REQUEST_MOUNT), createChannelController('')],
    };
  }

  onApplicationBootstrap(): void {
    this.unsubscribe = this.source.subscribe((set) => this.keeper.follow(set));
  }

  async onModuleDestroy(): Promise<void> {
    this.unsubscribe?.();
    await this.limits.rates.flush(RATES_MS);
    this.limits.close();
    await this.identity.close();
    await this.targets.close();
  }
}

/** To give leased tokens back when the process ends. */
const RATES_MS = 2000;
const MINUTE_MS = 60_000;

function throttler(shared: DynamicModule[]): DynamicModule {
  return ThrottlerModule.forRootAsync({
    imports: shared,
    inject: [GATEWAY_OPTIONS],
    useFactory: ({ authCallsPerMinute: limit }: GatewayOptions) => ({
      ...{ throttlers: [{ ttl: MINUTE_MS, limit }], setHeaders: false },
    }),
  });
}
