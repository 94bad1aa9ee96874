import { ApiProperty } from '@nestjs/swagger';
import { ADMIN_ROLES, type AdminRole } from '../roles.js';
import { RoleDto } from '../users/role.dto.js';

/** Who calls, and what may be done here. */
export class MeDto {
  @ApiProperty({ type: String }) readonly id!: string;
  @ApiProperty({ type: String }) readonly username!: string;
  @ApiProperty({ type: () => [RoleDto] }) readonly roles!: readonly RoleDto[];
  @ApiProperty({ type: String, description: 'Id of this gateway.' }) readonly gateway!: string;
  @ApiProperty({ enum: ADMIN_ROLES, nullable: true, description: 'In effect on this gateway; null: none.' })
  readonly role!: AdminRole | null;
  @ApiProperty({ type: String, nullable: true, description: 'Id of the API key that was used.' })
  readonly key!: string | null;
}
