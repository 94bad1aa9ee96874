import { createServer } from 'node:http';

/** Takes whatever is exported. */
const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const answer = () => response.writeHead(200, ['Content-Type', 'application/json', 'Content-Length', '2']).end('{}');
  request.on('end', answer).resume();
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
