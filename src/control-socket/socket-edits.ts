import type {
  ComponentEdits,
  DumpedComponents,
  EditOptions,
  EditOutcome,
  GivenRecord,
} from '../components/database/component-edits.js';
import type { ControlClient, ControlQuestion } from './control-client.js';

/** Edits of the database that a running gateway holds. Throws what it says, or why it says nothing. */
export class SocketEdits implements ComponentEdits {
  constructor(private readonly client: ControlClient) {}

  apply(records: readonly GivenRecord[], options: EditOptions = {}): Promise<EditOutcome> {
    return this.ask({ method: 'POST', path: '/apply', body: { records, ...options } });
  }

  dump(): Promise<DumpedComponents> {
    return this.ask({ method: 'GET', path: '/dump' });
  }

  async reencrypt(): Promise<number> {
    const { records } = await this.ask<{ readonly records: number }>({ method: 'POST', path: '/reencrypt' });
    return records;
  }

  private async ask<T>(question: ControlQuestion): Promise<T> {
    const answer = await this.client.ask<T>(question);
    if (answer.state === 'answered') return answer.value;
    throw new Error(answer.state === 'nobody' ? 'The gateway has ended meanwhile; try again.' : answer.message);
  }
}
