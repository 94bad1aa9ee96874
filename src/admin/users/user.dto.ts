import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { JsonObject } from '../../contracts/json.js';
import { PageQuery, sortWords } from '../input/list-query.js';
import { Flag, FlagText, OneOf, Optional, Profile, SecretOf, TextLike, TextOf } from '../input/rules.js';
import { RoleDto, RoleList } from './role.dto.js';

const TYPE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const TYPE_EXPECTED = 'a type such as admin or user: 1 to 64 letters, digits, dots, hyphens and underscores';
const MOST_NAME = 256;
const MOST_PASSWORD = 512;
export const USER_SORTS = sortWords('username', 'createdAt', 'updatedAt');

/** A user, as everybody is shown it who may. */
export class UserDto {
  @ApiProperty({ type: String }) readonly id!: string;
  @ApiProperty({ type: String }) readonly username!: string;
  @ApiProperty({ type: String, example: 'admin' }) readonly type!: string;
  @ApiProperty({ type: () => [RoleDto] }) readonly roles!: readonly RoleDto[];
  @ApiProperty({ type: Boolean }) readonly disabled!: boolean;
  @ApiProperty({ type: Boolean, description: 'Whether a login asks for a one-time code.' }) readonly hasOtp!: boolean;
  @ApiProperty({ type: Object }) readonly profile!: JsonObject;
  @ApiProperty({ type: Number, description: 'What the ETag names.' }) readonly version!: number;
  @ApiProperty({ type: String, format: 'date-time' }) readonly createdAt!: string;
  @ApiProperty({ type: String, format: 'date-time' }) readonly updatedAt!: string;
}

export class UserPageDto {
  @ApiProperty({ type: () => [UserDto] }) readonly list!: readonly UserDto[];
  @ApiProperty({ type: Number, description: 'Of all that fit.' }) readonly total!: number;
}

export class UserListQuery extends PageQuery {
  @ApiPropertyOptional({ type: String })
  @Optional()
  @TextLike(TYPE, TYPE_EXPECTED)
  readonly type?: string;

  @ApiPropertyOptional({ type: String, description: 'Part of a username.' })
  @Optional()
  @TextOf(MOST_NAME)
  readonly search?: string;

  @ApiPropertyOptional({ type: Boolean })
  @Optional()
  @FlagText()
  readonly disabled?: boolean;

  @ApiPropertyOptional({ enum: USER_SORTS, default: 'username' })
  @Optional()
  @OneOf(USER_SORTS)
  readonly sort: string = 'username';
}

/** What may be told of a user that is made. */
export class NewUserDto {
  @ApiProperty({ type: String, description: 'One of a kind in its type; case does not count.' })
  @TextOf(MOST_NAME)
  readonly username!: string;

  @ApiProperty({ type: String, description: 'admin: an administrator.', example: 'admin' })
  @TextLike(TYPE, TYPE_EXPECTED)
  readonly type!: string;

  @ApiPropertyOptional({ type: String, writeOnly: true, description: 'Without one nobody can log in with a password.' })
  @Optional()
  @SecretOf(MOST_PASSWORD)
  readonly password?: string;

  @ApiPropertyOptional({ type: () => [RoleDto] })
  @Optional()
  @RoleList()
  readonly roles?: readonly RoleDto[];

  @ApiPropertyOptional({ type: Boolean, default: false })
  @Optional()
  @Flag()
  readonly disabled?: boolean;

  @ApiPropertyOptional({ type: Object, default: {} })
  @Optional()
  @Profile()
  readonly profile?: JsonObject;
}

/** What may change of a user besides its name. What cannot be changed may come along as it was read. */
class ChangeableDto {
  @ApiPropertyOptional({ type: String, writeOnly: true, description: 'Ends the logins of the user.' })
  @Optional()
  @SecretOf(MOST_PASSWORD)
  readonly password?: string;

  @ApiPropertyOptional({ type: () => [RoleDto] })
  @Optional()
  @RoleList()
  readonly roles?: readonly RoleDto[];

  @ApiPropertyOptional({ type: Boolean, description: 'Ends the logins of the user.' })
  @Optional()
  @Flag()
  readonly disabled?: boolean;

  @ApiPropertyOptional({ type: Object })
  @Optional()
  @Profile()
  readonly profile?: JsonObject;

  @Optional() readonly id?: unknown;
  @Optional() readonly type?: unknown;
  @Optional() readonly hasOtp?: unknown;
  @Optional() readonly version?: unknown;
  @Optional() readonly createdAt?: unknown;
  @Optional() readonly updatedAt?: unknown;
}

/** What may change of a user. */
export class UserChangeDto extends ChangeableDto {
  @ApiPropertyOptional({ type: String })
  @Optional()
  @TextOf(MOST_NAME)
  readonly username?: string;
}

/** All that may change: what is left out takes its default, the password apart, which stays. */
export class UserReplacementDto extends ChangeableDto {
  @ApiProperty({ type: String })
  @TextOf(MOST_NAME)
  readonly username!: string;
}

/** What came along of a user that cannot be changed. */
export const READ_ONLY = ['id', 'type', 'hasOtp', 'createdAt', 'updatedAt'] as const;
