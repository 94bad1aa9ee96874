import { createServer } from 'node:http';

/** One instance of a runner in a process of its own, which a test may kill, stop, slow down or let fail: `node instance.process.mjs PORT`. */
let mode = { name: 'well' };
let calls = 0;
let inFlight = 0;

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const isHealth = request.url === '/health';
  if (!isHealth && request.method !== 'HEAD') calls++;
  inFlight++;
  response.on('close', () => inFlight--);
  request.resume().on('end', () => {
    const status = mode.name === 'errors' ? 500 : 200;
    const body = JSON.stringify({ port: server.address().port, host: request.headers.host });
    const answer = () => {
      if (response.destroyed) return;
      response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
      response.end(body);
    };
    const workMs = mode.name === 'slow' ? mode.ms : 5;
    setTimeout(answer, workMs);
  });
});
process.on('message', ({ id, ...told }) => {
  if (told.mode !== undefined) mode = told.mode;
  process.send({ id, calls, inFlight });
});
process.on('disconnect', () => process.exit(0));
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send({ port: server.address().port }));
