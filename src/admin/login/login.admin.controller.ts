import { HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { EDGE_VIEW, type EdgeView } from '../../contracts/edge-view.js';
import { IDENTITIES, type Identities, type LoggedIn } from '../../contracts/identities.js';
import { OpenAdminController } from '../admin-routes.js';
import { FirstAdministrator } from '../first-administrator.js';
import { inputRefused } from '../input/input-faults.js';
import { JsonBody } from '../input/json-body.js';
import { ADMIN_TYPE } from '../roles.js';
import { LoggedInDto, LoginDto, RefreshDto } from './login.dto.js';

/** How administrators come in. */
@OpenAdminController('login')
export class LoginAdminController {
  constructor(
    @Inject(IDENTITIES) private readonly identities: Identities,
    @Inject(FirstAdministrator) private readonly first: FirstAdministrator,
    @Inject(EDGE_VIEW) private readonly edge: EdgeView,
  ) {}

  @Post('login')
  @HttpCode(200)
  @ApiOperation({ summary: 'Log in' })
  @ApiBody({ type: LoginDto })
  @ApiOkResponse({ type: LoggedInDto })
  async login(@JsonBody() given: LoginDto, @Req() request: FastifyRequest): Promise<LoggedInDto> {
    refuseIncomplete(given);
    await this.first.ensure();
    const { username = null, password = null, otp = null, transactionId = null } = given;
    const { clientAddress } = this.edge.view(request.raw);
    const answer = await this.identities.login(
      ADMIN_TYPE,
      { username, password, otp, transactionId },
      clientAddress === '' ? null : clientAddress,
    );
    return answer.kind === 'loggedIn' ? told(answer) : { stage: answer.stage, transactionId: answer.transactionId };
  }

  @Post('refresh')
  @HttpCode(200)
  @ApiOperation({ summary: 'Get new tokens for a refresh token' })
  @ApiBody({ type: RefreshDto })
  @ApiOkResponse({ type: LoggedInDto })
  async refresh(@JsonBody() { refreshToken }: RefreshDto): Promise<LoggedInDto> {
    return told(await this.identities.refresh(ADMIN_TYPE, refreshToken));
  }
}

const told = ({ accessToken, refreshToken, expiresInSeconds }: LoggedIn): LoggedInDto => ({
  ...{ token: accessToken, refreshToken, expiresIn: expiresInSeconds },
});

function refuseIncomplete({ username, password, otp, transactionId }: LoginDto): void {
  const isSecondStep = transactionId !== undefined || otp !== undefined;
  const needed = isSecondStep ? { otp, transactionId } : { username, password };
  const missing = Object.entries(needed).filter(([, value]) => value === undefined);
  if (missing.length === 0) return;
  throw inputRefused(missing.map(([name]) => ({ pointer: `/${name}`, message: 'is missing' })));
}
