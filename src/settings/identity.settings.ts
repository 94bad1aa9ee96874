import { IsOptional } from 'class-validator';
import { Flag, Text } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

/** Whom the built-in identity and session server answer besides this gateway. */
export class IdentitySettings {
  @Setting('identity.http.enabled', {
    doc: 'serve the built-in identity and session server over HTTP, at /auth and /session, to other gateways',
  })
  @Flag()
  readonly isServed: boolean = false;

  @Setting('identity.http.token', {
    doc: 'bearer secret that other gateways must send; without one the start is refused where identity.http.enabled is true',
    secret: true,
  })
  @IsOptional()
  @Text(/^[\x21-\x7e]{16,4096}$/, 'a secret of 16 to 4096 visible ASCII characters')
  readonly token: string | null = null;
}
