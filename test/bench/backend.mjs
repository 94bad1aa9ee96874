import { createServer } from 'node:http';

/** Answers every call at once: an event on /api/rpc, a record elsewhere. */
const event = JSON.stringify({
  requestMeta: { id: 'x' },
  payload: { parameters: { name: 'Ada' }, message: 'Hello, Ada!' },
  result: { status: 'SUCCESS' },
});
const record = JSON.stringify({ id: 'milk', data: { title: 'Buy milk', status: 'A' } });

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const body = request.url.startsWith('/api/rpc') ? event : record;
  const answer = () => {
    response.writeHead(200, ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(body))]);
    response.end(body);
  };
  if (request.method === 'GET') return answer();
  request.on('end', answer).resume();
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () =>
  console.log(JSON.stringify({ port: server.address().port })),
);
