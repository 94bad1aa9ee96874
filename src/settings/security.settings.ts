import { IsOptional } from 'class-validator';
import { ANY, originFrom, originPatternFrom } from './origins.js';
import { AddressList, Flag, ListOf, Text, Whole } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

const METHOD = /^[A-Z]{1,20}$/;
const HEADER = /^[!#$%&'*+\-.^_`|~0-9a-z]{1,128}$/;
const anyOr = (part: string, made: string | null): string | null => (part === ANY ? ANY : made);
const inForm = (text: string, form: RegExp): string | null => (form.test(text) ? text : null);

/** Who may look into the gateway, and what it tells browsers. */
export class SecuritySettings {
  @Setting('security.actuator.allowed.ips', {
    doc: 'addresses and CIDR ranges of clients that may read health details and metrics; none where it is empty',
  })
  @AddressList()
  readonly actuatorAllowedIps: readonly string[] = ['127.0.0.1', '::1'];

  @Setting('security.headers.enabled', { doc: 'nosniff, frame and referrer policy on answers' })
  @Flag()
  readonly headersEnabled: boolean = true;

  @Setting('security.headers.hsts', { doc: 'value of Strict-Transport-Security on TLS' })
  @IsOptional()
  @Text(/^[\x20-\x7e]{1,256}$/, 'the value of a header')
  readonly hsts: string | null = null;

  @Setting('security.cors.enabled', { doc: 'whether pages of other origins may call, as security.cors.* says' })
  @Flag()
  readonly corsEnabled: boolean = false;

  @Setting('security.cors.maxAge', { doc: 'seconds that a browser may keep the answer to a preflight' })
  @Whole(0, 2_147_483_647)
  readonly corsMaxAgeSeconds: number = 1800;

  @Setting('security.cors.credentials', { doc: 'whether pages of other origins may send cookies' })
  @Flag()
  readonly corsCredentials: boolean = true;

  @Setting('security.cors.allowed.headers', {
    doc: 'request headers that pages may send; * = any',
    defaultText: 'any',
  })
  @ListOf('names of headers with commas between them, or *', (part) => anyOr(part, inForm(part.toLowerCase(), HEADER)))
  readonly corsHeaders: readonly string[] = [];

  @Setting('security.cors.allowed.originPatterns', {
    doc: 'origins that may call, with * for one or more characters of a host or port; * alone = any, without credentials only',
    defaultText: 'none',
  })
  @ListOf('origins such as https://*.example.com, with commas between them', originPatternFrom)
  readonly corsOriginPatterns: readonly string[] = [];

  @Setting('security.cors.allowed.origins', {
    doc: 'origins that may call; * = any, without credentials only',
    defaultText: 'none',
  })
  @ListOf('origins of the form scheme://host[:port] with commas between them, or *', (part) =>
    anyOr(part, originFrom(part)),
  )
  readonly corsOrigins: readonly string[] = [];

  @Setting('security.cors.allowed.methods', {
    doc: 'methods that pages may call with; * = any; GET includes HEAD, OPTIONS needs no leave',
  })
  @ListOf('methods with commas between them, or *', (part) => anyOr(part, inForm(part.toUpperCase(), METHOD)))
  readonly corsMethods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

  @Setting('security.csrf.enabled', {
    doc: 'whether requests that change something and bring a cookie as credential need the CSRF token',
  })
  @Flag()
  readonly csrfEnabled: boolean = false;

  @Setting('security.csrf.cookie', { doc: 'whether the CSRF token goes out as cookie XSRF-TOKEN, too' })
  @Flag()
  readonly csrfCookie: boolean = false;

  @Setting('token.allowUnsigned', {
    doc: 'token records with neither secret are allowed (development only; a warning at each start)',
  })
  @Flag()
  readonly allowUnsignedTokens: boolean = false;
}
