import type { TestBackend } from '../support/backend.js';

/** Where an authentication server says more than it should: everything that it was sent stands in its messages. */
export const talkative: TestBackend['handler'] = ({ url, body }, response) => {
  response.setHeader('content-type', 'application/json');
  if (url.startsWith('/talkative')) {
    const { requestMeta } = JSON.parse(body) as { requestMeta: { auth: Record<string, string> } };
    const { username = '', ...rest } = requestMeta.auth;
    const message = `no: ${Object.entries(rest).flat().join(' ')} ${JSON.stringify(rest)}`;
    if (username === 'html') response.setHeader('content-type', 'text/html').end(`<p>${message}</p>`);
    else if (username === 'garbage') response.end(`{"payload":{"password":"${message}`);
    else if (username === 'broken') response.socket!.end(`HTTP/1.1 nonsense ${message}\r\n\r\n`);
    else if (username === 'plain') response.writeHead(500).end(message);
    else {
      const code = Number(username);
      response.end(JSON.stringify({ result: { status: 'ERROR', error: { code, message, http: code } }, payload: {} }));
    }
  } else if (url.startsWith('/saga')) {
    const { payload } = JSON.parse(body) as { payload: { parameters?: { stage?: string } } };
    const message = `cannot ${JSON.stringify(payload)}`;
    if (payload.parameters?.stage === 'html') response.setHeader('content-type', 'text/html').end(message);
    else response.end(JSON.stringify({ result: { status: 'ERROR', error: { code: 13, message } }, payload }));
  } else response.end(body);
};
