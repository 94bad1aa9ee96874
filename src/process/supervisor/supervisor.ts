import { fork, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ListenerKind } from '../../contracts/edge-view.js';
import type { FleetAnswers, FleetQuestion } from '../../contracts/fleet.js';
import { ProcessLog } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import type { LoadedSettings, SettingsInput } from '../../settings/read-settings.js';
import { placeVariables } from '../../settings/worker-place.js';
import { logOptions } from '../log-options.js';
import type { ListenAddress } from '../listening.js';
import type { Program } from '../program.js';
import { Crew, type Order } from './crew.js';
import { Gatherer } from './gatherer.js';
import type { ListenFault, SupervisorMessage, WorkerMessage } from './messages.js';
import { PastMetrics } from './past-metrics.js';
import { SharedListener, type Taker } from './shared-listener.js';
import { addSupervisorMetrics } from './supervisor-metrics.js';

const MAIN = fileURLToPath(new URL('../../main.js', import.meta.url));
const TICK_MS = 250;
/** What a worker has for its end, past what settings give its requests. */
const SPARE_MS = 10_000;
/** Messages that a worker has not taken yet; one that hangs must not fill our memory. */
const MOST_WAITING = 1000;

interface Running {
  readonly worker: ChildProcess;
  readonly takers: Readonly<Record<ListenerKind, Taker>>;
  waiting: number;
}

/** Starts the workers of this host, hands connections to them in turn, and serves nothing itself. What is to be done says the crew. */
export class Supervisor implements Program {
  readonly log: ProcessLog;
  readonly welcome = null;
  readonly mustEnd: Promise<number>;
  private readonly left = Promise.withResolvers<0 | 1>();
  private readonly crew: Crew;
  private readonly metrics: Metrics;
  private readonly running = new Map<number, Running>();
  private readonly gatherer = new Gatherer((slot, id, question) => this.post(slot, { kind: 'question', id, question }));
  private readonly past = new PastMetrics();
  private readonly listeners: Readonly<Record<ListenerKind, SharedListener>> = {
    public: new SharedListener(),
    management: new SharedListener(),
  };
  private missing = 0;
  private timer: NodeJS.Timeout | null = null;
  private stopping: Promise<boolean> | null = null;

  constructor(
    private readonly loaded: LoadedSettings,
    private readonly input: SettingsInput,
  ) {
    const { settings } = loaded;
    this.log = new ProcessLog(logOptions(settings, null));
    this.metrics = new Metrics(settings.gateway.id);
    this.crew = new Crew(settings.server.workers);
    addSupervisorMetrics(this.metrics, this.crew, {
      workers: settings.server.workers,
      missing: () => this.missing,
    });
    this.mustEnd = this.left.promise;
  }

  start(): Promise<void> {
    this.obey(this.crew.begin(performance.now()));
    this.timer = setInterval(() => this.obey(this.crew.tick(performance.now())), TICK_MS);
    return Promise.resolve();
  }

  stop(): Promise<boolean> {
    return (this.stopping ??= this.end());
  }

  /** SIGHUP. One that is still starting would die of it, and loads everything anyhow. */
  refresh(): Promise<void> {
    for (const { worker, state } of this.crew.statuses(performance.now()))
      if (state === 'ready' || state === 'silent') this.running.get(worker)?.worker.kill('SIGHUP');
    return Promise.resolve();
  }

  private async end(): Promise<boolean> {
    const { shutdownDelayMs, shutdownGraceMs } = this.loaded.settings.server;
    this.log.log('info', 'shutting down: the workers finish what they have');
    this.obey(this.crew.stop(shutdownDelayMs + shutdownGraceMs + SPARE_MS, performance.now()));
    const exitCode = await this.left.promise;
    if (this.timer !== null) clearInterval(this.timer);
    this.metrics.close();
    this.log.log('info', 'all workers have stopped');
    await this.log.close();
    return exitCode === 0;
  }

  private obey(orders: readonly Order[]): void {
    for (const order of orders) {
      if (order.do === 'leave') this.left.resolve(order.exitCode);
      else if (order.do === 'fork') this.fork(order.slot, order.life);
      else if (order.do === 'drain') this.running.get(order.slot)?.worker.kill('SIGTERM');
      else if (order.do === 'say') this.say(order.slot, order.isSilent);
      else {
        this.log.log('error', 'a worker does not answer, or does not end: it is killed', { worker: order.slot });
        this.running.get(order.slot)?.worker.kill('SIGKILL');
      }
    }
  }

  private say(slot: number, isSilent: boolean): void {
    const told = { worker: slot, pid: this.running.get(slot)?.worker.pid };
    if (isSilent) this.log.log('warn', 'a worker gives no sign: it does not count as ready', told);
    else this.log.log('info', 'a worker answers again', told);
  }

  private fork(slot: number, life: number): void {
    const { workers } = this.loaded.settings.server;
    const { argv, env } = this.input;
    const worker = fork(MAIN, argv, { env: { ...env, ...placeVariables({ worker: slot, workers, life }) } });
    const takers = { public: takerOf(worker, 'public'), management: takerOf(worker, 'management') };
    this.running.set(slot, { worker, takers, waiting: 0 });
    this.crew.forked(slot, worker.pid ?? 0);
    const ended = (code: number | null, signal: string | null): void => {
      if (this.running.get(slot)?.worker !== worker) return;
      this.bury(slot, { code, signal });
      for (const kind of ['public', 'management'] as const) this.listeners[kind].ended(takers[kind]);
    };
    worker.on('message', (message: WorkerMessage) => {
      if (this.running.get(slot)?.worker === worker) this.hear(slot, message);
    });
    worker.once('exit', ended);
    // A process that could not be made never exits.
    worker.on('error', (error) => {
      this.log.log('error', 'a worker cannot be reached', { worker: slot, reason: error.message });
      if (worker.pid === undefined) ended(null, null);
    });
  }

  private bury(slot: number, { code, signal }: { readonly code: number | null; readonly signal: string | null }): void {
    const pid = this.running.get(slot)?.worker.pid;
    this.running.delete(slot);
    this.gatherer.ended(slot);
    this.past.endedAt(slot);
    const { end, orders } = this.crew.ended(slot, signal, performance.now());
    if (end.isUnexpected) {
      const { reason, lost: lostRequests, againInMs } = end;
      this.log.log('error', 'a worker has ended', { worker: slot, pid, code, signal, reason, lostRequests, againInMs });
    }
    this.obey(orders);
  }

  private hear(slot: number, message: WorkerMessage): void {
    switch (message.kind) {
      case 'beat':
        return this.obey(this.crew.beat(slot, message.inFlight, performance.now()));
      case 'ready':
        return this.greet(slot);
      case 'ask':
        return void this.answer(message.question).then((answers) =>
          this.post(slot, { kind: 'answers', id: message.id, answers }),
        );
      case 'answer':
        return this.gatherer.answered(slot, message.id, message.part);
      case 'enter':
        return void this.enter(slot, message.listener, message.at);
      case 'taken':
        return this.listeners[message.listener].taken(this.takerAt(slot, message.listener));
      case 'leave':
        return void this.leave(slot, message.listener);
      case 'tell':
        for (const other of this.running.keys())
          if (other !== slot) this.post(other, { kind: 'told', text: message.text });
    }
  }

  private async enter(slot: number, listener: ListenerKind, at: ListenAddress): Promise<void> {
    const taker = this.takerAt(slot, listener);
    const isThere = (): boolean => this.running.get(slot)?.takers[listener] === taker;
    const outcome = await this.listeners[listener].enter(taker, at, isThere).catch(faultOf);
    if (isThere()) this.post(slot, { kind: 'entered', listener, outcome });
  }

  private async leave(slot: number, listener: ListenerKind): Promise<void> {
    const taker = this.takerAt(slot, listener);
    await this.listeners[listener].leave(taker);
    if (this.running.get(slot)?.takers[listener] === taker) this.post(slot, { kind: 'left', listener });
  }

  private takerAt(slot: number, listener: ListenerKind): Taker {
    return this.running.get(slot)!.takers[listener];
  }

  private greet(slot: number): void {
    this.obey(this.crew.ready(slot, performance.now()));
    const { workers } = this.loaded.settings.server;
    if (this.crew.readyCount === workers) this.log.log('info', 'all workers are ready', { workers });
  }

  private async answer(question: FleetQuestion): Promise<FleetAnswers> {
    // One that is starting has nothing to tell yet, and, as one that is silent, would hold the others up.
    const served = this.crew
      .statuses(performance.now())
      .filter(({ pid, state }) => pid !== null && state !== 'starting');
    const asked = served.flatMap(({ worker, state }) => (state === 'silent' ? [] : worker));
    const parts = await this.gatherer.gather(question, asked);
    const workers = this.crew.statuses(performance.now());
    if (question !== 'metrics') return { workers, parts: [...parts.values()], past: [] };
    for (const [slot, part] of parts) if (this.running.has(slot)) this.past.told(slot, part);
    const silent = served.flatMap(({ worker }) => (!parts.has(worker) && this.running.has(worker) ? worker : []));
    this.missing += silent.length;
    return { workers, parts: [...parts.values(), await this.metrics.json()], past: this.past.of(silent) };
  }

  private post(slot: number, message: SupervisorMessage): void {
    const running = this.running.get(slot);
    if (running === undefined || running.waiting >= MOST_WAITING) return;
    running.waiting++;
    running.worker.send(message, () => running.waiting--);
  }
}

function takerOf(worker: ChildProcess, listener: ListenerKind): Taker {
  const message: SupervisorMessage = { kind: 'connection', listener };
  return {
    give(socket: Socket): void {
      // Where it cannot be sent, the worker has ended, and we hear of that.
      worker.send(message, socket, { keepOpen: true }, () => undefined);
    },
    letGo: (socket) => socket.destroy(),
  };
}

function faultOf(error: NodeJS.ErrnoException & { readonly address?: string; readonly port?: number }): ListenFault {
  const { message, code, syscall, address, port } = error;
  return { message, code, syscall, address, port };
}
