import type { Socket } from 'node:net';
import type { Fleet, FleetAnswers, FleetQuestion } from '../../contracts/fleet.js';
import type { WorkerPlace } from '../../settings/worker-place.js';
import { BEAT_MS } from './crew.js';
import type { SupervisorMessage, WorkerMessage } from './messages.js';
import { SuppliedListening } from './supplied-listening.js';

const LOOK_MS = 250;
/** Longer than the supervisor waits for the others. */
const ANSWER_MS = 3000;

/** A worker's way to its supervisor. */
export class WorkerChannel implements Fleet {
  /** Resolves with an exit code when the supervisor is gone: nobody hands us connections any more. */
  readonly orphaned: Promise<number>;
  readonly listening = new SuppliedListening((message) => this.send(message));
  private readonly answers = new Map<FleetQuestion, () => string | Promise<string>>();
  private readonly asked = new Map<number, (answers: FleetAnswers | null) => void>();
  private nextId = 1;
  private told: ((text: string) => void) | null = null;
  private inFlight: () => number = () => 0;
  private reported = -1;
  private reportedAt = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(readonly place: WorkerPlace) {
    this.orphaned = new Promise((resolve) => process.once('disconnect', () => resolve(1)));
    process.on('message', (message: SupervisorMessage, socket?: Socket) => this.hear(message, socket));
    this.timer = setInterval(() => this.report(), LOOK_MS).unref();
    this.report();
  }

  /** @param inFlight what is reported from now on: requests under way */
  ready(inFlight: () => number): void {
    this.inFlight = inFlight;
    void this.send({ kind: 'ready' }).catch(() => undefined);
  }

  ask(question: FleetQuestion): Promise<FleetAnswers | null> {
    const id = this.nextId++;
    return new Promise((resolve) => {
      const settle = (answers: FleetAnswers | null): void => {
        clearTimeout(timer);
        this.asked.delete(id);
        resolve(answers);
      };
      const timer = setTimeout(() => settle(null), ANSWER_MS).unref();
      this.asked.set(id, settle);
      this.send({ kind: 'ask', id, question }).catch(() => settle(null));
    });
  }

  answer(question: FleetQuestion, respond: () => string | Promise<string>): void {
    this.answers.set(question, respond);
  }

  tell(text: string): Promise<void> {
    return this.send({ kind: 'tell', text });
  }

  onTold(listener: (text: string) => void): void {
    this.told = listener;
  }

  /** The last report: what is under way then is lost. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.send({ kind: 'beat', inFlight: this.inFlight() }).catch(() => undefined);
  }

  private report(): void {
    const inFlight = this.inFlight();
    const now = performance.now();
    if (inFlight === this.reported && now - this.reportedAt < BEAT_MS) return;
    this.reported = inFlight;
    this.reportedAt = now;
    void this.send({ kind: 'beat', inFlight }).catch(() => undefined);
  }

  private hear(message: SupervisorMessage, socket?: Socket): void {
    switch (message.kind) {
      case 'told':
        return this.told?.(message.text);
      case 'answers':
        return this.asked.get(message.id)?.(message.answers);
      case 'question':
        return void this.respond(message.id, message.question);
      case 'entered':
        return this.listening.entered(message.listener, message.outcome);
      case 'connection':
        return this.listening.take(message.listener, socket ?? null);
      case 'left':
        return this.listening.left(message.listener);
    }
  }

  private async respond(id: number, question: FleetQuestion): Promise<void> {
    const part = await Promise.resolve(this.answers.get(question)?.() ?? null).catch(() => null);
    await this.send({ kind: 'answer', id, part }).catch(() => undefined);
  }

  private send(message: WorkerMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      if (process.send === undefined || !process.connected) return reject(new Error('The supervisor is gone.'));
      process.send(message, (error: Error | null) => (error === null ? resolve() : reject(error)));
    });
  }
}
