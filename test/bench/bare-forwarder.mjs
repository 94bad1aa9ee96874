import { createServer } from 'node:http';
import { Pool } from 'undici';

/** What a gateway is measured against: node:http in front, undici behind, bodies piped, nothing else. */
const pool = new Pool(process.argv[2], { connections: 500, keepAliveTimeout: 30_000 });

const server = createServer({ keepAliveTimeout: 72_000 }, (request, response) => {
  const { method, url, headers } = request;
  const outgoing = { 'content-type': headers['content-type'], accept: headers.accept };
  const hasBody = method !== 'GET' && method !== 'HEAD';
  if (hasBody && headers['content-length'] !== undefined) outgoing['content-length'] = headers['content-length'];
  for (const name of Object.keys(outgoing)) if (outgoing[name] === undefined) delete outgoing[name];
  pool.request({ method, path: url, headers: outgoing, body: hasBody ? request : null }).then(
    (answer) => {
      response.writeHead(answer.statusCode, {
        'content-type': answer.headers['content-type'],
        'content-length': answer.headers['content-length'],
      });
      answer.body.pipe(response);
    },
    () => response.writeHead(502).end(),
  );
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
