import { IsOptional } from 'class-validator';
import { Custom, Flag, LONGEST_TIMER_MS, PlainText, Text, TextMap, Whole } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

const MOST_PAGE_BYTES = 64 * 1024 * 1024;

export const isBaseUrl = (value: unknown): boolean => {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === '';
};

const RelativePath = (): PropertyDecorator =>
  Text(/^(?![a-z]+:)[\x21-\x7e]{1,1024}$/i, 'a path relative to config.loader.baseUrl');

/** What a header can carry. */
const FIELD_VALUE = /^[\x20-\x7e\x80-\xff]*$/;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
const COOKIE_VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
const RESERVED =
  /^(host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|accept-encoding)$/i;

/** The REST source of components, where there is one. */
export class RestSourceSettings {
  @Setting('config.loader.baseUrl', {
    doc: 'REST loader: where the records of each kind are asked for, as `{list: [{id, data}]}` or an array, in pages by skip and limit',
  })
  @IsOptional()
  @Custom({
    expected: 'an http or https URL without user, query and fragment',
    read: (value) => (typeof value === 'string' && value.trim() === '' ? null : String(value).trim()),
    accepts: isBaseUrl,
  })
  readonly baseUrl: string | null = null;

  @Setting('config.loader.system.path', { doc: 'REST loader: path of the systems' })
  @RelativePath()
  readonly systemPath: string = 'gateway_system';

  @Setting('config.loader.channel.path', { doc: 'REST loader: path of the channels' })
  @RelativePath()
  readonly channelPath: string = 'gateway_channel';

  @Setting('config.loader.service.path', { doc: 'REST loader: path of the services' })
  @RelativePath()
  readonly servicePath: string = 'gateway_service';

  @Setting('config.loader.token.path', { doc: 'REST loader: path of the tokens' })
  @RelativePath()
  readonly tokenKindPath: string = 'gateway_token';

  @Setting('config.loader.timeout', { doc: 'REST loader: ms in which a whole page must have come' })
  @Whole(1, LONGEST_TIMER_MS)
  readonly timeoutMs: number = 60_000;

  @Setting('config.loader.connectionTimeout', { doc: 'REST loader: ms in which a connection must be made' })
  @Whole(1, LONGEST_TIMER_MS)
  readonly connectTimeoutMs: number = 10_000;

  @Setting('config.loader.maxInMemorySize', { doc: 'REST loader: most bytes of one page' })
  @Whole(1024, MOST_PAGE_BYTES)
  readonly maxPageBytes: number = MOST_PAGE_BYTES;

  @Setting('config.loader.header.*', {
    doc: 'REST loader: headers of every request; as an environment variable in lower case with hyphens for underscores',
    secret: true,
    defaultText: '-',
  })
  @TextMap({
    expected: 'names and values that a header can carry, other than those of the connection itself',
    accepts: (name, value) => HEADER_NAME.test(name) && !RESERVED.test(name) && FIELD_VALUE.test(value),
  })
  readonly headers: Readonly<Record<string, string>> = Object.freeze({});

  @Setting('config.loader.cookie.*', {
    doc: 'REST loader: cookies of every request; as an environment variable in lower case with hyphens for underscores',
    secret: true,
    defaultText: '-',
  })
  @TextMap({
    expected: 'names and values that a cookie can carry',
    accepts: (name, value) => HEADER_NAME.test(name) && COOKIE_VALUE.test(value),
  })
  readonly cookies: Readonly<Record<string, string>> = Object.freeze({});

  @Setting('config.loader.token', { doc: 'REST loader: bearer token of every request', secret: true })
  @IsOptional()
  @Text(/^[\x21-\x7e]+$/, 'a token')
  readonly token: string | null = null;

  @Setting('config.loader.clientId', {
    doc: 'REST loader: client credentials, with config.loader.secret and config.loader.tokenPath',
  })
  @IsOptional()
  @PlainText()
  readonly clientId: string | null = null;

  @Setting('config.loader.secret', { doc: 'REST loader: secret of the client', secret: true })
  @IsOptional()
  @PlainText()
  readonly clientSecret: string | null = null;

  @Setting('config.loader.tokenPath', {
    doc: 'REST loader: where client_id, client_secret and grant_type are posted as a form for a token',
  })
  @IsOptional()
  @RelativePath()
  readonly tokenPath: string | null = null;

  @Setting('config.loader.secure', { doc: 'REST loader: speak TLS even where config.loader.baseUrl says http' })
  @Flag()
  readonly isSecure: boolean = false;

  @Setting('config.loader.trustAll', { doc: 'REST loader: check no certificate, with a warning' })
  @Flag()
  readonly trustsAll: boolean = false;

  @Setting('config.loader.trust', {
    doc: 'REST loader: the authorities to trust instead of the system’s, as PEM text or the path of a PEM file',
  })
  @IsOptional()
  @Text(/^[^]{1,1048576}$/, 'PEM text, or the path of a PEM file')
  readonly trust: string | null = null;
}
