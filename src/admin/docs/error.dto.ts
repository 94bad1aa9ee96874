import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

class ErrorBodyDto {
  @ApiProperty({ type: Number, description: 'What programs look at.' }) readonly code!: number;
  @ApiProperty({ type: String, description: 'For people.' }) readonly message!: string;
  @ApiProperty({ type: String, description: 'By it the log tells the rest.' }) readonly requestId!: string;
  @ApiPropertyOptional({ type: Object }) readonly payload?: unknown;
}

/** The body of every error. */
export class ErrorDto {
  @ApiProperty({ type: () => ErrorBodyDto }) readonly error!: ErrorBodyDto;
}
