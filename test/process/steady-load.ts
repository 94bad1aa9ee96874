import { Agent, get, type IncomingMessage } from 'node:http';

export interface LoadAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Clients that each ask for one path again as soon as they have their answer, over connections that are kept. */
export class SteadyLoad {
  answers = 0;
  /** What no client may ever see, the first of it. */
  readonly complaints: string[] = [];
  private isOn = true;
  private readonly agent: Agent;
  private readonly clients: Promise<void>[];

  /** @param check says what is wrong with an answer, or null; told which client got it */
  constructor(
    private readonly url: string,
    clients: number,
    private readonly check: (answer: LoadAnswer, client: number) => string | null,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: clients });
    this.clients = Array.from({ length: clients }, (_, client) => this.run(client));
  }

  /** Ends when every client has its last answer. */
  async stop(): Promise<void> {
    this.isOn = false;
    await Promise.all(this.clients);
    this.agent.destroy();
  }

  private async run(client: number): Promise<void> {
    while (this.isOn && this.complaints.length < 10) {
      const complaint = await this.ask().then(
        (answer) => this.check(answer, client),
        (error: Error) => `failed: ${error.message}`,
      );
      this.answers++;
      if (complaint !== null) this.complaints.push(complaint);
    }
  }

  private ask(): Promise<LoadAnswer> {
    return new Promise((resolve, reject) => {
      const request = get(this.url, { agent: this.agent }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (text += chunk));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text }));
      });
      request.on('error', reject);
    });
  }
}
