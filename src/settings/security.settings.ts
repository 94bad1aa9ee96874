import { IsOptional } from 'class-validator';
import { AddressList, Flag, Text } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

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

  @Setting('token.allowUnsigned', {
    doc: 'token records with neither secret are allowed (development only; a warning at each start)',
  })
  @Flag()
  readonly allowUnsignedTokens: boolean = false;
}
