import { connect } from 'node:net';

/**
 * A load of keep-alive connections, each with one request under way: bare sockets and the least parsing that finds the end of an
 * answer, so that the generator is not what is measured. It never sleeps: on one machine, whoever writes to a process that sleeps
 * pays for waking it (some 5 µs of an answer on a virtual machine), and does so the more often, the less the generator is held up.
 * A client on another machine costs nothing of the kind.
 */
export function load({ port, request, connections, requests }) {
  // A function gives each request, as bytes; a text is every request.
  const nextBytes = typeof request === 'function' ? request : () => bytes;
  const bytes = typeof request === 'function' ? null : Buffer.from(request);
  return new Promise((resolve, reject) => {
    let left = requests;
    let done = 0;
    let open = 0;
    const statuses = new Map();
    const begun = performance.now();
    const stayAwake = () => {
      if (open > 0) setImmediate(stayAwake);
    };
    setImmediate(stayAwake);
    for (let index = 0; index < connections; index++) {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      open++;
      let text = '';
      const next = () => {
        if (left === 0) return socket.end();
        left--;
        socket.write(nextBytes());
      };
      socket.on('connect', next);
      socket.on('data', (chunk) => {
        text = text === '' ? chunk.latin1Slice() : text + chunk.latin1Slice();
        const end = endOfAnswer(text);
        if (end === -1) return;
        const status = text.slice(9, 12);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        text = text.slice(end);
        done++;
        next();
      });
      socket.on('error', reject);
      socket.on('close', () => {
        open--;
        if (open === 0) resolve({ done, statuses, ms: performance.now() - begun });
      });
    }
  });
}

function endOfAnswer(text) {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return -1;
  const match = /\r\ncontent-length: (\d+)/i.exec(text);
  if (match !== null) {
    const end = head + 4 + Number(match[1]);
    return text.length >= end ? end : -1;
  }
  const last = text.indexOf('\r\n0\r\n\r\n', head);
  return last === -1 ? -1 : last + 7;
}
