import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Optional, SecretOf, TextOf } from '../input/rules.js';

const MOST_TOKEN = 8192;

/** A name and a password; or, where a one-time code was asked for, the transaction and the code. */
export class LoginDto {
  @ApiPropertyOptional({ type: String })
  @Optional()
  @TextOf(256)
  readonly username?: string;

  @ApiPropertyOptional({ type: String, format: 'password' })
  @Optional()
  @SecretOf(512)
  readonly password?: string;

  @ApiPropertyOptional({ type: String, description: 'A one-time code, or a recovery code.' })
  @Optional()
  @TextOf(64)
  readonly otp?: string;

  @ApiPropertyOptional({ type: String, description: 'As the first step answered it.' })
  @Optional()
  @TextOf(512)
  readonly transactionId?: string;
}

export class RefreshDto {
  @ApiProperty({ type: String, description: 'Counts once: the answer has the next.' })
  @SecretOf(MOST_TOKEN)
  readonly refreshToken!: string;
}

/** The tokens of a login; or `stage` and `transactionId`, where a one-time code is asked for. */
export class LoggedInDto {
  @ApiPropertyOptional({ type: String }) readonly token?: string;
  @ApiPropertyOptional({ type: String }) readonly refreshToken?: string;
  @ApiPropertyOptional({ type: Number, description: 'Seconds.' }) readonly expiresIn?: number;
  @ApiPropertyOptional({ type: String, enum: ['otp'] }) readonly stage?: 'otp';
  @ApiPropertyOptional({ type: String }) readonly transactionId?: string;
}
