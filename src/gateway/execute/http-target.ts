import type { BackendState } from '../../contracts/backends.js';
import type { Callee, Cancellation, Destination, PrepareContext, Target } from '../../contracts/executor.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { Balancer, SILENT_EVENTS, type BalancerEvents } from './balance/balancer.js';
import { instanceKey, type Instance } from './balance/instance.js';
import type { InstanceSource } from './balance/instance-source.js';
import { Prober } from './balance/prober.js';
import { AuthorizedCalls } from './client-credentials/authorized-calls.js';
import { CollectedCall, type Collected } from './collected-call.js';
import type { AnyHttpCall, CallHome, OutgoingRequest } from './http-call.js';
import { isRepeatable } from './is-repeatable.js';
import { StreamedCall, type Streamed } from './streamed-call.js';
import { connectOptions, newInstance, onlyAddress } from './http-connections.js';
import { isReset } from './http-failure.js';
import type { HttpParameters } from './http-parameters.js';
import type { HttpWiring } from './http-wiring.js';
import { TryCounts } from './try-counts.js';

export type { OutgoingRequest } from './http-call.js';

/** Binds what a channel says to this target; differs between rpc and crud. */
export type BindHttp = (target: HttpTarget, destination: Destination) => Callee;

/** One backend over HTTP: its instances, each with a pool of connections, bounded in number, age and in who may wait for one. */
export class HttpTarget implements Target, CallHome {
  readonly key: string;
  readonly timeoutMs: number;
  readonly retryAfterSeconds: number;
  readonly counts = new TryCounts();
  readonly hostHeader: readonly string[];
  private readonly maxConnections: number;
  private readonly balancer: Balancer;
  private readonly events: BalancerEvents;
  private readonly prober: Prober | null;
  private readonly authorized: AuthorizedCalls | null;
  /** Whether instances can be told apart: where there is but one address, nothing is better than to ask it. */
  private readonly chooses: boolean;
  private awaiting = 0;
  private hasBegun = false;

  constructor(
    private readonly context: Pick<PrepareContext, 'key' | 'name' | 'connected'>,
    readonly parameters: HttpParameters,
    private readonly wiring: HttpWiring,
    private readonly binding: BindHttp,
  ) {
    this.key = context.key;
    this.timeoutMs = parameters.timeoutMs;
    this.retryAfterSeconds = parameters.retryAfterSeconds;
    this.maxConnections = wiring.shareOf(parameters.maxConnections);
    this.chooses = parameters.balancing !== null;
    this.hostHeader = parameters.balancing === null ? [] : ['host', parameters.balancing.authority];
    this.events = this.chooses || parameters.health !== null ? wiring.eventsOf(context.name) : SILENT_EVENTS;
    const pools = { maxConnections: this.maxConnections, connected: context.connected };
    this.balancer = new Balancer({
      make: (address) => newInstance(address, parameters, pools),
      events: this.events,
      now: wiring.now,
      maxPending: this.maxConnections + parameters.maxPending,
      triesCalls: parameters.health === null,
      servesAlways: !this.chooses,
    });
    this.prober = this.newProber();
    this.authorized =
      parameters.credentials === null ? null : new AuthorizedCalls(this, parameters.credentials, wiring);
    if (parameters.balancing === null) this.balancer.found([onlyAddress(parameters.origin)]);
  }

  private source: InstanceSource | null = null;

  /** In force from now on: looks for instances, and after them. */
  begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    const { balancing } = this.parameters;
    if (balancing !== null) {
      this.source = this.wiring.instanceSourceOf(balancing);
      this.source.watch(this.balancer);
    }
    this.prober?.start();
    this.wiring.inForce.add(this);
  }

  ready(): boolean {
    return true;
  }

  bind(destination: Destination): Callee {
    return this.binding(this, destination);
  }

  /** @throws GatewayError SYSTEM_BUSY, NO_INSTANCE, and what a call can fail with */
  collect(request: OutgoingRequest, cancellation: Cancellation): Promise<Collected> {
    return this.authorized === null
      ? this.collectOnce(request, cancellation)
      : this.authorized.collect(request, cancellation);
  }

  /** @throws GatewayError SYSTEM_BUSY, NO_INSTANCE, and what a call can fail with */
  stream(request: OutgoingRequest, cancellation: Cancellation): Promise<Streamed> {
    return this.authorized === null
      ? this.streamOnce(request, cancellation)
      : this.authorized.stream(request, cancellation);
  }

  /** Without a token of client credentials. */
  collectOnce(request: OutgoingRequest, cancellation: Cancellation): Promise<Collected> {
    if (!this.balancer.isKnown) return this.whenKnown().then(() => this.collectNow(request, cancellation));
    return this.collectNow(request, cancellation);
  }

  streamOnce(request: OutgoingRequest, cancellation: Cancellation): Promise<Streamed> {
    if (!this.balancer.isKnown) return this.whenKnown().then(() => this.streamNow(request, cancellation));
    return this.streamNow(request, cancellation);
  }

  async close(): Promise<void> {
    this.wiring.inForce.delete(this);
    this.source?.close();
    this.prober?.stop();
    await this.balancer.close();
  }

  // ── what operators see ──

  /** @param mostInstances that are listed one by one */
  state(mostInstances: number): BackendState {
    const { instances, discoveryUp } = this.balancer;
    return {
      system: this.context.name,
      discovery: this.parameters.balancing?.kind ?? null,
      discoveryUp,
      total: instances.length,
      inService: instances.filter(({ health }) => health.serves).length,
      ...sums(instances),
      maxConnections: this.maxConnections,
      tries: this.counts,
      ejections: this.events.ejections,
      instances: instances.slice(0, mostInstances).map((instance) => ({
        address: instanceKey(instance.address),
        state: instance.health.serves ? 'in service' : (instance.health.reason ?? 'out'),
        pending: instance.pending,
      })),
    };
  }

  // ── CallHome ──

  isExhausted(instance: Instance): boolean {
    return instance.pending > this.maxConnections;
  }

  answered(instance: Instance, status: number): void {
    const isGood = status < 500;
    if (isGood) this.counts.answered++;
    else this.counts.errors++;
    if (this.chooses) this.balancer.answered(instance, isGood);
  }

  lost(call: AnyHttpCall, error: Error): boolean {
    const { instance } = call;
    if (!call.isSent) {
      this.counts.unreachable++;
      if (!this.chooses) return false;
      this.balancer.takeOut(instance, 'unreachable');
      return this.moved(call);
    }
    this.counts.brokenOff++;
    if (this.chooses) this.balancer.answered(instance, false);
    // A connection that ended before any answer may have ended before the call, too; what may be done twice is (RFC 9110, 9.2.2).
    const mayRepeat = call.tried === null && isReset(error) && isRepeatable(call.request);
    return mayRepeat && this.moved(call);
  }

  timedOut({ instance }: AnyHttpCall): void {
    this.counts.timedOut++;
    if (!this.chooses) return;
    this.balancer.answered(instance, false);
    this.prober?.suspect(instance);
  }

  abandoned(instance: Instance): void {
    this.counts.abandoned++;
    if (this.chooses) this.balancer.abandoned(instance);
  }

  ended(instance: Instance): void {
    instance.pending--;
  }

  // ── calls ──

  private collectNow(request: OutgoingRequest, cancellation: Cancellation): Promise<Collected> {
    const instance = this.enter();
    const call = new CollectedCall(this, request, instance, cancellation, this.parameters.maxBufferedBytes);
    this.dispatch(call);
    return call.promise;
  }

  private streamNow(request: OutgoingRequest, cancellation: Cancellation): Promise<Streamed> {
    const call = new StreamedCall(this, request, this.enter(), cancellation);
    this.dispatch(call);
    return call.promise;
  }

  /** @throws GatewayError where no instance takes the call */
  private enter(): Instance {
    const instance = this.balancer.choose(null);
    if (instance === null) throw this.refusal();
    this.occupy(instance);
    return instance;
  }

  private refusal(): GatewayError {
    const { retryAfterSeconds } = this;
    this.counts.refused++;
    return new GatewayError(this.balancer.isFull ? 'SYSTEM_BUSY' : 'NO_INSTANCE', { retryAfterSeconds });
  }

  private occupy(instance: Instance): void {
    if (this.chooses && instance.pending === 0) instance.heardAtMs = this.wiring.now();
    instance.pending++;
  }

  /**
   * On another instance, or, where it was sent and there is no other, on another connection. One that cannot be reached is out by now,
   * so that no call comes by it twice; the time of the try bounds it all.
   */
  private moved(call: AnyHttpCall): boolean {
    const { instance: from, isSent, tried } = call;
    const next =
      this.balancer.choose(isSent ? [...(tried ?? []), from] : tried) ?? (isSent && from.health.serves ? from : null);
    if (next === null || (next === from && !isSent)) return false;
    this.counts.moved++;
    from.pending--;
    this.occupy(next);
    call.moveTo(next);
    this.dispatch(call);
    return true;
  }

  private dispatch(call: AnyHttpCall): void {
    const { request, instance } = call;
    const { witness = null } = request;
    if (witness !== null) {
      const { host, port } = instance.address;
      witness.asked({ system: this.context.name, method: request.method, host, port });
    }
    try {
      // undici writes nothing into what it is given.
      instance.dispatch(request, call);
    } catch (error) {
      // undici refuses an impossible request (a header value, a path) before anything is sent.
      call.abort(new GatewayError('EXECUTOR_FAILED', { cause: error }));
    }
  }

  /** Until the first look for instances is over, which `begin` began; bounded in time and number. */
  private async whenKnown(): Promise<void> {
    if (this.awaiting >= this.maxConnections + this.parameters.maxPending) throw this.refusal();
    this.awaiting++;
    let timer: NodeJS.Timeout | null = null;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, this.parameters.connectTimeoutMs)));
    try {
      await Promise.race([this.balancer.firstLook, late]);
    } finally {
      clearTimeout(timer!);
      this.awaiting--;
    }
  }

  private newProber(): Prober | null {
    const { health, balancing, basePath, headers } = this.parameters;
    if (health === null && balancing === null) return null;
    return new Prober(this.balancer, {
      healthPath: health?.path ?? null,
      intervalMs: health?.intervalMs ?? 0,
      basePath,
      headers,
      connect: connectOptions(this.parameters),
      now: this.wiring.now,
    });
  }
}

function sums(instances: readonly Instance[]): { pending: number; open: number; busy: number } {
  const sum = { pending: 0, open: 0, busy: 0 };
  for (const instance of instances) {
    const { open, busy } = instance.connections;
    sum.pending += instance.pending;
    sum.open += open;
    sum.busy += busy;
  }
  return sum;
}
