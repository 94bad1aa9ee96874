import { Get, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { IDENTITIES, type Identities } from '../../contracts/identities.js';
import { ADMIN_OPTIONS, type AdminOptions } from '../admin-options.js';
import { PersonalController } from '../admin-routes.js';
import type { Administrator } from '../administrator.js';
import { ByWhom } from '../access/needs.decorator.js';
import { inputRefused } from '../input/input-faults.js';
import { shownRoles } from '../users/user-roles.js';
import { MeDto } from './me.dto.js';

/** What concerns whoever calls alone: it needs no role. */
@PersonalController('login')
export class MeAdminController {
  constructor(
    @Inject(IDENTITIES) private readonly identities: Identities,
    @Inject(ADMIN_OPTIONS) private readonly options: AdminOptions,
  ) {}

  @Get('me')
  @ApiOperation({ summary: 'Who calls, and with which roles' })
  @ApiOkResponse({ type: MeDto })
  me(@ByWhom() { user, key, authority }: Administrator): MeDto {
    const { id, username, type } = user;
    const { gatewayId: gateway } = this.options;
    const roles = shownRoles(type, user.roles);
    return { id, username, roles, gateway, role: authority.roleAt(gateway), key: key?.id ?? null };
  }

  @Post('logout')
  @HttpCode(204)
  @ApiOperation({ summary: 'End this login' })
  @ApiNoContentResponse()
  async logout(@ByWhom() { loginId }: Administrator): Promise<void> {
    if (loginId === null)
      throw inputRefused([{ pointer: '', message: 'an API key has no login that could end: delete the key instead' }]);
    await this.identities.logout(loginId);
  }
}
