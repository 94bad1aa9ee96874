import type { Lifecycle } from '../contracts/drain.js';
import type { GatewayOptions } from '../contracts/gateway-options.js';
import type { RequestSpans } from '../contracts/request-spans.js';
import type { ProcessLog } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import type { Dispatch } from './edge/channel-controller.factory.js';
import { GatewayEdgeView } from './edge/edge-view.js';
import { Listener, type ListenerPorts } from './edge/listener.js';
import type { RequestIds } from './edge/request-id.js';
import type { RequestFamily } from './families/request.family.js';
import { Pipeline } from './pipeline.js';
import { Recorder } from './record/recorder.js';
import { RequestLog } from './record/request-log.js';
import { RequestMetrics } from './record/request-metrics.js';
import { mergedHeaders, SECURITY_HEADERS } from './resolve/response-headers.js';
import type { RouteTable } from './resolve/route-table.js';

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

export interface DataPlaneParts {
  readonly options: GatewayOptions;
  readonly ids: RequestIds;
  readonly lifecycle: Lifecycle;
  readonly routes: RouteTable;
  readonly metrics: Metrics;
  readonly log: ProcessLog;
  readonly spans: RequestSpans | null;
  readonly family: RequestFamily;
}

export function wireDataPlane(parts: DataPlaneParts): DataPlane {
  const { options, ids, lifecycle, routes, metrics, log, spans, family } = parts;
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

export function plainHeaders(options: GatewayOptions): Readonly<Record<string, string>> {
  return options.securityHeaders ? SECURITY_HEADERS : {};
}
