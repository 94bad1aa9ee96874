import { Module, type DynamicModule } from '@nestjs/common';
import { AdminModule } from './admin/admin.module.js';
import { BroadcastModule, type BroadcastOptions } from './broadcast/broadcast.module.js';
import { ComponentsModule, type ComponentsOptions } from './components/components.module.js';
import { BACKENDS_IN_FORCE, type BackendInForce } from './contracts/backends.js';
import { LIFECYCLE, type Lifecycle } from './contracts/drain.js';
import { FLEET, type Fleet } from './contracts/fleet.js';
import { GATEWAY_OPTIONS, type GatewayOptions } from './contracts/gateway-options.js';
import { REPLICA, type ReplicaInfo } from './contracts/replica.js';
import { REQUEST_SPANS, type RequestSpans } from './contracts/request-spans.js';
import { DemoModule } from './demo/demo.module.js';
import { GatewayModule } from './gateway/gateway.module.js';
import { EVENT_LOOP, EventLoopWatch } from './health/event-loop.js';
import { HealthModule } from './health/health.module.js';
import { ALLOWED_ADDRESSES } from './health/health-report.js';
import { IdentityHttpModule } from './identity/http/identity-http.module.js';
import { IdentityModule, type IdentityOptions } from './identity/identity.module.js';
import type { ProcessLog } from './observability/logger.js';
import type { Metrics } from './observability/metrics.js';
import { LOG, METRICS } from './observability/tokens.js';
import { RateLimitModule } from './ratelimit/ratelimit.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { adminOptionsOf } from './settings/admin-options.js';
import { AddressSet } from './settings/addresses.js';
import type { Settings } from './settings/settings.js';
import type { LazyDatabase } from './storage/lazy-database.js';
import { StorageModule } from './storage/storage.module.js';
import { TokensModule, type TokensOptions } from './tokens/tokens.module.js';

export interface AppParts {
  readonly settings: Settings;
  readonly options: GatewayOptions;
  readonly replica: ReplicaInfo;
  readonly lifecycle: Lifecycle;
  readonly log: ProcessLog;
  readonly metrics: Metrics;
  /** Null where nothing is exported. */
  readonly spans: RequestSpans | null;
  readonly components: ComponentsOptions;
  readonly broadcast: BroadcastOptions;
  readonly tokens: TokensOptions;
  readonly identity: IdentityOptions;
  /** Null where this process has no others beside it on its host. */
  readonly fleet: Fleet | null;
  readonly database: LazyDatabase;
  readonly eventLoop: EventLoopWatch;
  /** Whoever opens one puts it in: systems, and the source of components. */
  readonly backends: Set<BackendInForce>;
}

@Module({})
class SharedModule {
  static register(parts: AppParts): DynamicModule {
    const providers = [
      { provide: GATEWAY_OPTIONS, useValue: parts.options },
      { provide: REPLICA, useValue: parts.replica },
      { provide: FLEET, useValue: parts.fleet },
      { provide: LIFECYCLE, useValue: parts.lifecycle },
      { provide: LOG, useValue: parts.log },
      { provide: METRICS, useValue: parts.metrics },
      { provide: REQUEST_SPANS, useValue: parts.spans },
      { provide: BACKENDS_IN_FORCE, useValue: parts.backends },
      { provide: EVENT_LOOP, useValue: parts.eventLoop },
      { provide: ALLOWED_ADDRESSES, useValue: new AddressSet(parts.settings.security.actuatorAllowedIps) },
    ];
    return { module: SharedModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}

/** The modules, in the order in which a request meets them. */
@Module({})
export class AppModule {
  static register(parts: AppParts): DynamicModule {
    const { settings } = parts;
    const shared = SharedModule.register(parts);
    const broadcast = BroadcastModule.register(parts.broadcast);
    const components = ComponentsModule.register(parts.components, [broadcast]);
    const storage = StorageModule.of(parts.database);
    const tokens = TokensModule.register([shared, storage, broadcast, components], parts.tokens);
    const rates = RateLimitModule.register([storage], {
      gatewayId: settings.gateway.id,
      redisUrl: settings.storage.redisUrl,
    });
    const identity = IdentityModule.register([storage, components], parts.identity);
    const sessions = SessionsModule.register([storage, components]);
    const gateway = GatewayModule.register([shared, components, tokens, rates]);
    return {
      module: AppModule,
      // Health and admin come before the gateway: its root mount, for aliases, takes every path that is left.
      imports: [
        shared,
        storage,
        broadcast,
        components,
        tokens,
        rates,
        sessions,
        identity,
        DemoModule.register(settings.storage.dataFolder),
        HealthModule.register([shared, components, gateway]),
        IdentityHttpModule.register(settings.identity, [components, sessions, identity, gateway]),
        AdminModule.register(adminOptionsOf(settings), [shared, components, sessions, identity, gateway]),
        gateway,
      ],
    };
  }
}
