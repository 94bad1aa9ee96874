import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ParameterReader } from './parameters.js';

/** How a backend's certificate is checked; empty: against the authorities that Node knows. */
export interface TlsTrust {
  /** PEM of the only authorities that count. */
  readonly ca?: string;
  readonly rejectUnauthorized?: false;
  /** The name that certificates must be made out to, where it is not the address of the connection. */
  readonly servername?: string;
}

const MOST_BYTES = 1_048_576;

/** `server.trust` is PEM text, or the path of a file of it, read when the system is loaded. */
export function readTls(reader: ParameterReader, servername: string | null): TlsTrust {
  const named = servername === null ? {} : { servername };
  if (reader.boolean('server.trustAll')) return { ...named, rejectUnauthorized: false };
  const text = reader.text('server.trust')?.trim() ?? '';
  if (text === '') return named;
  const pem = text.includes('-----BEGIN') ? text : contentOf(reader, text);
  if (pem !== null) checkCertificates(reader, pem);
  return pem === null ? named : { ...named, ca: pem };
}

function contentOf(reader: ParameterReader, path: string): string | null {
  try {
    const content = readFileSync(path);
    if (content.length <= MOST_BYTES) return content.toString('latin1');
    reader.fault('server.trust', `names a file of more than ${MOST_BYTES} bytes`);
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    reader.fault('server.trust', `is neither PEM text nor a file that can be read (${code})`);
  }
  return null;
}

/** OpenSSL would pass over what it cannot read, and then believe nobody. */
function checkCertificates(reader: ParameterReader, pem: string): void {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) reader.fault('server.trust', 'holds no certificate (-----BEGIN CERTIFICATE-----)');
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch {
      reader.fault('server.trust', `holds a certificate that cannot be read: the ${index + 1}. one`);
    }
  }
}
