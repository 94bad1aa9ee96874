import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true });

/** Posts JSON text over kept connections with as little work as may be in this process; resolves with the status. */
export function post({ port, path, body }) {
  return new Promise((resolve, reject) => {
    const sent = request({
      ...{ host: '127.0.0.1', port, agent, method: 'POST', path },
      headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
    });
    sent.on('error', reject).on('response', (answer) => answer.on('end', () => resolve(answer.statusCode)).resume());
    sent.end(body);
  });
}
