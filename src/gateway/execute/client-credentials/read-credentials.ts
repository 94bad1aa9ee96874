import type { ParameterReader } from '../parameters.js';
import type { ClientCredentials } from './client-token.js';

/** Null without server.clientId: the other two alone ask for nothing. */
export function readCredentials(reader: ParameterReader, basePath: string): ClientCredentials | null {
  const clientId = reader.text('server.clientId') ?? '';
  if (clientId === '') return null;
  const secret = reader.required('server.secret');
  const tokenPath = reader.required('server.tokenPath').trim();
  if (!/^\/*[\x21-\x7e]*$/.test(tokenPath) || URL.canParse(tokenPath))
    reader.fault(
      'server.tokenPath',
      'must be a path: it is relative to server.baseUrl, and the secret goes nowhere else',
    );
  return { clientId, secret, path: `${basePath}/${tokenPath.replace(/^\/+/, '')}` };
}
