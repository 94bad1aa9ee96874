import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Server } from 'node:http';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { openAdminDocs } from '../admin/docs/admin-docs.js';
import { AppModule } from '../app.module.js';
import { SourceControl } from '../components/component-control.js';
import type { Log } from '../components/load-log.js';
import { COMPONENT_SOURCE, type ComponentSet, type ComponentSource } from '../contracts/components.js';
import type { BackendInForce } from '../contracts/backends.js';
import type { ControlServer } from '../control-socket/control-server.js';
import { publiclySigned } from '../demo/public-secrets.js';
import { SampleProcess, samplePrograms } from '../demo/sample-process.js';
import type { GatewayOptions } from '../contracts/gateway-options.js';
import { Listener, openServer } from '../gateway/gateway.module.js';
import { EventLoopWatch } from '../health/event-loop.js';
import { Metrics } from '../observability/metrics.js';
import { ProcessLog } from '../observability/logger.js';
import { openTelemetry, type Telemetry } from '../observability/telemetry.js';
import { openSecretBox, type OpenSecretBox } from '../secrets/open-secret-box.js';
import { toGatewayOptions } from '../settings/gateway-options.js';
import type { LoadedSettings } from '../settings/read-settings.js';
import { replicaFrom } from '../settings/replica.js';
import { LazyDatabase } from '../storage/lazy-database.js';
import { warnOfUnusedFolder, wireComponents } from './component-wiring.js';
import { openControl } from './control-wiring.js';
import { fastifyAdapter } from './fastify-adapter.js';
import { nextInstanceNumber } from './instance-number.js';
import { OwnListening, type Listening } from './listening.js';
import { logOptions } from './log-options.js';
import { refuseTakenPort } from './taken-port.js';
import { makeFolder } from './make-folder.js';
import { wireObservers } from './observer-wiring.js';
import { ProcessLifecycle } from './process-lifecycle.js';
import type { Program } from './program.js';
import type { WorkerChannel } from './supervisor/worker-channel.js';
import { welcome } from './welcome.js';

/** What tells that the samples are in force. */
const SAMPLE_CHANNEL = 'todo_crud';
/** Without its first load it listens after that, for those who ask how it is, and answers 503. */
const LISTEN_AT_LATEST_MS = 5000;
/** How long the demo waits for its sample programs. */
const SAMPLE_START_MS = 5000;

/** One gateway process from its settings to its end. */
export class GatewayProcess implements Program {
  readonly lifecycle = new ProcessLifecycle();
  readonly log: ProcessLog;
  readonly mustEnd: Promise<number>;
  private readonly metrics: Metrics;
  private telemetry: Telemetry | null = null;
  private readonly eventLoop = new EventLoopWatch();
  private readonly backends = new Set<BackendInForce>();
  private app: NestFastifyApplication | null = null;
  private management: Server | null = null;
  private samples: readonly SampleProcess[] = [];
  private stopping: Promise<boolean> | null = null;
  /** Rejects with what keeps the process from starting, and no try can mend. */
  private readonly failure = Promise.withResolvers<never>();
  private readonly componentLog: Log = (level, message, fields) => this.log.log(level, message, fields);
  private control: ControlServer | null = null;
  private holdsSamples = false;
  private readonly listening: Listening;
  /** That of the public listener, once it is open. */
  private port: number | null = null;

  constructor(
    private readonly loaded: LoadedSettings,
    /** What lookups read. */
    private readonly env: NodeJS.ProcessEnv,
    /** Null where this is the only process of its host. */
    private readonly channel: WorkerChannel | null = null,
  ) {
    // Whoever starts the process waits for it; a start that is over has no failure any more.
    this.failure.promise.catch(() => undefined);
    this.log = new ProcessLog(logOptions(loaded.settings, channel?.place ?? null));
    this.metrics = new Metrics(loaded.settings.gateway.id);
    this.listening = channel?.listening ?? new OwnListening();
    this.mustEnd = channel?.orphaned ?? new Promise(() => undefined);
  }

  /** Resolves when the listeners are open and the first complete load is in force. @throws what keeps the process from starting */
  async start(): Promise<void> {
    const { settings } = this.loaded;
    if (this.leads) this.remark();
    // Workers share one listener, and the first of them may have it already.
    if (this.channel === null) await refuseTakenPort(settings.server.host, settings.server.port);
    await makeFolder(settings.storage.dataFolder);
    const opened = await openSecretBox({ ...settings.secrets, dataFolder: settings.storage.dataFolder });
    if (this.leads) for (const warning of opened.warnings) this.log.log('warn', warning);
    const options = toGatewayOptions(settings);
    const server = openServer(options);
    const app = await this.createApp(options, server, opened);
    this.app = app;
    if (settings.admin.adminEnabled) openAdminDocs(app);
    await app.init();
    wireObservers(app, this.metrics, this.channel);
    const fastify = app.getHttpAdapter().getInstance();
    // Nest's own `listen` would do it; whose connections a server gets is not its matter.
    await fastify.ready();
    const listener = app.get(Listener);
    listener.attach(server, 'public', (request, response) => fastify.routing(request, response));
    const { port, host } = settings.management;
    if (port !== null) {
      this.management = openServer(options);
      listener.attach(this.management, 'management', (request, response) => fastify.routing(request, response));
      await this.listening.open(this.management, 'management', { host: host ?? settings.server.host, port });
    }
    if (this.loaded.runsDemo && this.leads) this.startSamples();
    if (this.leads) this.control = await openControl(app, settings, { box: opened.box, log: this.componentLog });
    const source = app.get<ComponentSource>(COMPONENT_SOURCE, { strict: false });
    const loaded = Promise.race([firstLoad(source), this.failure.promise]);
    loaded.catch(() => undefined);
    // A balancer that asks nobody for health sends requests as soon as it can connect.
    await Promise.race([loaded, delay(LISTEN_AT_LATEST_MS, null, { ref: false })]);
    if (this.lifecycle.draining) return;
    this.port = await this.listening.open(server, 'public', settings.server);
    this.lifecycle.isListening = true;
    await loaded;
    const set = source.current();
    this.holdsSamples = this.loaded.runsDemo && set?.records.channel.has(SAMPLE_CHANNEL) === true;
    if (set !== null && this.leads) this.remarkPublicSecrets(set);
    // What the demo says can be tried at once; a program that hangs keeps nobody from being ready.
    if (this.samples.length > 0) {
      const settled = Promise.all(this.samples.map((sample) => sample.settled));
      await Promise.race([settled, delay(SAMPLE_START_MS, null, { ref: false })]);
    }
    this.lifecycle.isLoaded = true;
    this.log.log('info', 'ready', { address: this.address });
    this.channel?.ready(() => listener.inFlight);
  }

  /** What can be tried, where what the README tries is served. */
  get welcome(): string | null {
    return this.holdsSamples && this.leads ? welcome(this.address) : null;
  }

  /** Does what only one process of a host may do. */
  private get leads(): boolean {
    return this.channel === null || this.channel.place.worker === 0;
  }

  /** SIGHUP: looks at the source at once. Of this process alone: the supervisor tells each. */
  async refresh(): Promise<void> {
    const control = this.app?.get(SourceControl, { strict: false });
    if (control === undefined || this.lifecycle.draining) return;
    this.log.log('info', 'refreshing the components');
    await control.refresh();
  }

  private get address(): string {
    const { host, port } = this.loaded.settings.server;
    return `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${this.port ?? port}`;
  }

  /** Drains as settings say: once, however often it is called. */
  stop(): Promise<boolean> {
    return (this.stopping ??= this.drain().then(() => true));
  }

  private remark(): void {
    for (const warning of this.loaded.warnings) this.log.log('warn', warning);
    for (const info of this.loaded.infos) this.log.log('info', info);
    warnOfUnusedFolder(this.loaded, this.componentLog);
  }

  private remarkPublicSecrets(set: ComponentSet): void {
    const tokens = publiclySigned(set);
    if (tokens.length === 0) return;
    const message = 'tokens are signed with a secret of the samples, which everybody can read: make your own';
    this.log.log('warn', message, { tokens });
  }

  private async drain(): Promise<void> {
    const { shutdownDelayMs, shutdownGraceMs } = this.loaded.settings.server;
    const { lifecycle, app } = this;
    await this.control?.close();
    const wasReady = lifecycle.ready;
    lifecycle.draining = true;
    if (wasReady) {
      this.log.log('info', 'shutting down: readiness is off, new requests are still served', { ms: shutdownDelayMs });
      await delay(shutdownDelayMs);
    }
    if (app !== null) {
      const closed = lifecycle.isListening ? (server: Server) => this.listening.close(server, 'public') : null;
      await app.get(Listener).drained(shutdownGraceMs, closed);
      if (this.management !== null) await this.listening.close(this.management, 'management');
      this.management?.closeAllConnections();
      // The last figures are those of backends that are still there.
      await this.telemetry?.close();
      await app.close();
    }
    await Promise.all(this.samples.map((sample) => sample.stop()));
    this.eventLoop.close();
    await this.channel?.close();
    this.metrics.close();
    this.log.log('info', 'stopped');
    await this.log.close();
  }

  private async createApp(
    options: GatewayOptions,
    server: Server,
    { box, hasGeneratedKey }: OpenSecretBox,
  ): Promise<NestFastifyApplication> {
    const { settings } = this.loaded;
    const { databaseUrl: url, dataFolder } = settings.storage;
    const [log, fleet] = [this.componentLog, this.channel];
    const database = new LazyDatabase({ url, dataFolder, box, hasGeneratedKey, log });
    const sequence = await nextInstanceNumber(settings, database, log);
    const place = this.channel?.place ?? null;
    const replica = replicaFrom(settings, {
      hostname: hostname(),
      now: Date.now(),
      random: Math.random,
      ...{ sequence, place },
    });
    this.telemetry = await openTelemetry({ settings, replica, env: this.env }, this.metrics, this.log);
    return NestFactory.create<NestFastifyApplication>(
      AppModule.register({
        settings,
        options,
        replica,
        lifecycle: this.lifecycle,
        log: this.log,
        metrics: this.metrics,
        spans: this.telemetry?.spans ?? null,
        database,
        components: wireComponents({
          loaded: this.loaded,
          env: this.env,
          database,
          box,
          gaveUp: this.failure.reject,
          log,
          keepsSnapshot: this.leads,
          replica,
          backends: this.backends,
        }),
        broadcast: {
          gatewayId: settings.gateway.id,
          log,
          fleet,
          databaseUrl: url,
          redisUrl: settings.storage.redisUrl,
        },
        tokens: { databaseUrl: url, box, log },
        identity: { box },
        fleet,
        eventLoop: this.eventLoop,
        backends: this.backends,
      }),
      fastifyAdapter(server),
      { logger: false, bodyParser: false, abortOnError: false },
    );
  }

  private startSamples(): void {
    this.samples = samplePrograms(this.loaded.settings.storage.dataFolder).map(
      (program) =>
        new SampleProcess(program, () => {
          if (!this.lifecycle.draining) this.log.log('error', `the ${program.name} has ended: ${program.missed}`);
        }),
    );
  }
}

/** Resolves with the first complete set; the gateway's own subscription came earlier, and has it in force by then. */
function firstLoad(source: ComponentSource): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  source.subscribe(async () => resolve());
  return promise;
}
