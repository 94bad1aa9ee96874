import { request } from 'node:http';
import { join } from 'node:path';
import type { EditOptions, EditOutcome, GivenRecord } from '../../src/components/database/component-edits.js';

/** Asks the gateway that runs with a data folder to apply records, over its control socket, as `sluice apply` does. */
export function applyTo(
  dataFolder: string,
  records: readonly GivenRecord[],
  options: EditOptions = {},
): Promise<EditOutcome> {
  const body = JSON.stringify({ records, ...options });
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath: join(dataFolder, 'control.sock'),
        path: '/apply',
        method: 'POST',
        agent: false,
        headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (text += chunk));
        answer.on('error', reject);
        answer.on('close', () => (answer.complete ? answered() : reject(new Error('cut off'))));
        const answered = (): void =>
          answer.statusCode === 200 ? resolve(JSON.parse(text) as EditOutcome) : reject(new Error(text));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** A channel with its system in it, every path public. */
export const aStoredChannel = (id: string, baseUrl: string, more: object = {}): GivenRecord => ({
  kind: 'channel',
  id,
  data: {
    executor: 'rpc',
    target: '/api',
    paths: { '*': { isPublic: true } },
    parameters: { 'server.baseUrl': baseUrl },
    ...more,
  },
});
