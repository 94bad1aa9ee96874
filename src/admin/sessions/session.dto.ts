import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PageQuery } from '../input/list-query.js';
import { Optional, TextOf } from '../input/rules.js';

/** A session that the built-in session server keeps. */
export class SessionDto {
  @ApiProperty({ type: String, format: 'uuid' }) readonly id!: string;
  @ApiProperty({ type: String, description: 'Type of its user.' }) readonly type!: string;
  @ApiProperty({ type: String, description: 'Id of its user.' }) readonly user!: string;
  @ApiProperty({ type: String, format: 'date-time' }) readonly begunAt!: string;
  @ApiProperty({ type: String, format: 'date-time' }) readonly expiresAt!: string;
}

export class SessionPageDto {
  @ApiProperty({ type: () => [SessionDto] }) readonly list!: readonly SessionDto[];
  @ApiProperty({ type: Number, description: 'Of all that fit.' }) readonly total!: number;
}

export class SessionListQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, description: 'Type of its user.' })
  @Optional()
  @TextOf(256)
  readonly type?: string;

  @ApiPropertyOptional({ type: String, description: 'Id of its user.' })
  @Optional()
  @TextOf(1024)
  readonly id?: string;
}
