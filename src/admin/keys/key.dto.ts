import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PageQuery, sortWords } from '../input/list-query.js';
import { Moment, OneOf, Optional, TextOf } from '../input/rules.js';
import { RoleDto, RoleList } from '../users/role.dto.js';

const MOST_ID = 128;
const MOST_NAME = 256;
export const KEY_SORTS = sortWords('createdAt', 'expires');

/** An API key, without the key itself. */
export class KeyDto {
  @ApiProperty({ type: String }) readonly id!: string;
  @ApiProperty({ type: String, description: 'Id of its user.' }) readonly user!: string;
  @ApiProperty({ type: String, example: 'admin' }) readonly type!: string;
  @ApiProperty({ type: String, nullable: true }) readonly name!: string | null;
  @ApiProperty({ type: () => [RoleDto], description: 'It has as much of them as its user has, too.' })
  readonly roles!: readonly RoleDto[];
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'null: never.' })
  readonly expires!: string | null;
  @ApiProperty({ type: String, format: 'date-time' }) readonly createdAt!: string;
}

export class MadeKeyDto extends KeyDto {
  @ApiProperty({ type: String, description: 'The key itself: it is told once.' }) readonly key!: string;
}

export class KeyPageDto {
  @ApiProperty({ type: () => [KeyDto] }) readonly list!: readonly KeyDto[];
  @ApiProperty({ type: Number, description: 'Of all that fit.' }) readonly total!: number;
}

export class KeyListQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, description: 'Type of its user.' })
  @Optional()
  @TextOf(64)
  readonly type?: string;

  @ApiPropertyOptional({ type: String, description: 'Id of its user.' })
  @Optional()
  @TextOf(MOST_ID)
  readonly user?: string;

  @ApiPropertyOptional({ enum: KEY_SORTS, default: '-createdAt' })
  @Optional()
  @OneOf(KEY_SORTS)
  readonly sort: string = '-createdAt';
}

export class NewKeyDto {
  @ApiProperty({ type: String, description: 'Id of its user.' })
  @TextOf(MOST_ID)
  readonly user!: string;

  @ApiPropertyOptional({ type: String, description: 'What it is for.' })
  @Optional()
  @TextOf(MOST_NAME)
  readonly name?: string;

  @ApiPropertyOptional({ type: () => [RoleDto], description: 'Without them those of the user.' })
  @Optional()
  @RoleList()
  readonly roles?: readonly RoleDto[];

  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true, description: 'null: never.' })
  @Optional()
  @Moment()
  readonly expires?: string | null;
}
