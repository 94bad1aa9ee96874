import { Agent, request } from 'undici';

export interface LoadAnswer {
  readonly status: number;
  readonly body: string;
  /** ms on the clock of `performance.now()` when it was begun, and when it ended. */
  readonly begunMs: number;
  readonly endedMs: number;
}

/** Clients that ask again as soon as they are answered, each on its connection, until they are stopped. */
export class SteadyLoad {
  readonly answers: LoadAnswer[] = [];
  private isOn = true;
  private readonly agent: Agent;
  private readonly clients: Promise<void>[];

  constructor(
    private readonly url: string,
    private readonly method: 'GET' | 'POST',
    clients: number,
  ) {
    this.agent = new Agent({ connections: clients, pipelining: 1, bodyTimeout: 0, headersTimeout: 0 });
    this.clients = Array.from({ length: clients }, () => this.goOn());
  }

  async stop(): Promise<readonly LoadAnswer[]> {
    this.isOn = false;
    await Promise.all(this.clients);
    await this.agent.close();
    return this.answers;
  }

  /** Not answered with 200. */
  get failed(): readonly LoadAnswer[] {
    return this.answers.filter(({ status }) => status !== 200);
  }

  private async goOn(): Promise<void> {
    while (this.isOn) {
      const begunMs = performance.now();
      const answer = await this.ask();
      this.answers.push({ ...answer, begunMs, endedMs: performance.now() });
    }
  }

  private async ask(): Promise<{ status: number; body: string }> {
    try {
      const { statusCode, body } = await request(this.url, {
        method: this.method,
        dispatcher: this.agent,
        ...(this.method === 'POST' && { body: '{"a":1}', headers: { 'content-type': 'application/json' } }),
      });
      return { status: statusCode, body: await body.text() };
    } catch (error) {
      return { status: 0, body: String(error) };
    }
  }
}
