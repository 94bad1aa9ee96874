import { isMembers } from '../check/members.js';

/** A REST source did not give what it was asked for. The message goes on after the address, and holds no secret. */
export class SourceFailure extends Error {
  /** The source as a whole is away, whatever it was asked for. */
  readonly isOfAll: boolean;

  constructor(message: string, { isOfAll = false, ...options }: ErrorOptions & { readonly isOfAll?: boolean } = {}) {
    super(message, options);
    this.name = 'SourceFailure';
    this.isOfAll = isOfAll;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses the connection',
  ENOTFOUND: 'is at a host name that is not known',
  EAI_AGAIN: 'is at a host name that cannot be looked up now',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
  ETIMEDOUT: 'did not take the connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'did not take the connection in time',
  ECONNRESET: 'broke the connection off',
  UND_ERR_SOCKET: 'closed the connection before its answer was whole',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'gave an answer of another length than it announced',
  ERR_TLS_CERT_ALTNAME_INVALID: 'shows a certificate for another host name',
  CERT_HAS_EXPIRED: 'shows a certificate that has expired',
  CERT_NOT_YET_VALID: 'shows a certificate that is not valid yet',
  EPROTO: 'does not speak TLS as it was asked to',
};
const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?)|CERT_(UNTRUSTED|REVOKED|SIGNATURE_FAILURE|CHAIN_TOO_LONG))$/;
const TLS = /^ERR_(SSL|TLS|OSSL)_/;
const BROKEN = /^(HPE|UND_ERR_(HTTP_PARSER|HEADERS_OVERFLOW))/;

/** In words, what a connection came to. Errors of others are known by their codes: their messages may quote anything. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  const known = REASONS[code];
  if (known !== undefined) return known;
  if (UNTRUSTED.test(code)) {
    return `shows a certificate that is not trusted (${code}); name its authority in config.loader.trust`;
  }
  if (TLS.test(code)) return `cannot be spoken to over TLS (${code})`;
  if (BROKEN.test(code)) return `gave an answer that is no HTTP (${code})`;
  return `cannot be asked (${code === '' ? 'unknown error' : code})`;
}

function codeOf(error: unknown, depth = 0): string {
  if (!isMembers(error) || depth > 3) return '';
  const { code, name, errors, cause } = error;
  if (typeof code === 'string') return code;
  if (name === 'HTTPParserError') return 'HPE';
  // A name with several addresses fails with all of their errors.
  return codeOf(Array.isArray(errors) ? errors[0] : cause, depth + 1);
}
