import type { IssuerMetadata } from './issuer.js';
import { ReadFailed, type ReadDocument } from './issuer-client.js';
import { issuerUrlFault, isDowngrade } from './issuer-url.js';

/**
 * Where an issuer's document stands: OpenID Connect Discovery 1.0, 4, appends; RFC 8414, 3.1, puts it before the path.
 * @param issuer an URL that issuerUrlFault has nothing against
 */
export function documentUrls(issuer: string): readonly [string, string] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/+$/, '');
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

/** Reads what an issuer publishes of itself, and holds it against whom we asked. @throws ReadFailed */
export async function readMetadata(issuer: string, read: ReadDocument): Promise<IssuerMetadata> {
  const [first, second] = documentUrls(issuer);
  const document = await read(first).catch((error: unknown) => {
    // It is there, and has none of the first kind.
    if (error instanceof ReadFailed && error.status !== null && error.status >= 400 && error.status < 500)
      return read(second);
    throw error;
  });
  return metadataOf(issuer, document);
}

/** Another issuer's document would lend us its keys (OpenID Connect Discovery 1.0, 4.3; RFC 8414, 3.3). */
function metadataOf(issuer: string, document: Readonly<Record<string, unknown>>): IssuerMetadata {
  if (document['issuer'] !== issuer)
    throw new ReadFailed('publishes a document whose issuer is not, to the letter, the one of the record', 200);
  const { jwks_uri: jwksUri = null } = document;
  if (jwksUri === null) return Object.freeze({ issuer, jwksUri, document });
  if (typeof jwksUri !== 'string' || issuerUrlFault(jwksUri, 'withQuery') !== null)
    throw new ReadFailed('publishes a jwks_uri that is no address', 200);
  if (isDowngrade(issuer, jwksUri))
    throw new ReadFailed('publishes a jwks_uri without TLS, where it has TLS itself', 200);
  return Object.freeze({ issuer, jwksUri, document });
}
