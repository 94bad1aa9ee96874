import type { HeaderOn } from '../contracts/gateway-options.js';
import { Choice, Flag, HeaderName, LONGEST_TIMER_MS, Text, Whole } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

const HEADER_ON = ['none', 'always', 'error'];

/** Which gateway this process is, and what it says of itself to clients. */
export class GatewaySettings {
  @Setting('gateway.id', { doc: 'name of this gateway; selects the components' })
  @Text(/^[^\p{Cc}/]{1,128}$/u, 'a name of at most 128 characters without /')
  readonly id: string = 'default';

  @Setting('gateway.refreshMs', { doc: 'ms between automatic reloads of all components' })
  @Whole(100, LONGEST_TIMER_MS, 'never')
  readonly refreshMs: number = 15_000;

  @Setting('gateway.allowRequestId', { doc: 'a client or load balancer may dictate the request id with X-Request-Id' })
  @Flag()
  readonly allowRequestId: boolean = false;

  @Setting('gateway.requestIdHeader', { doc: 'response header for the request id' })
  @HeaderName()
  readonly requestIdHeader: string = 'X-Request-Id';

  @Setting('gateway.requestIdHeaderOn', { doc: 'when the request id is sent' })
  @Choice(HEADER_ON)
  readonly requestIdHeaderOn: HeaderOn = 'none';

  @Setting('gateway.traceIdHeader', { doc: 'response header for the trace id' })
  @HeaderName()
  readonly traceIdHeader: string = 'X-Trace-Id';

  @Setting('gateway.traceIdHeaderOn', { doc: 'when the trace id is sent' })
  @Choice(HEADER_ON)
  readonly traceIdHeaderOn: HeaderOn = 'none';

  @Setting('gateway.allowBranch', { doc: 'requests may name a branch other than main' })
  @Flag()
  readonly allowBranch: boolean = true;
}
