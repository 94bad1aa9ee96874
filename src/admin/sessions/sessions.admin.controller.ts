import { Delete, Get, HttpCode, Inject } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import { LOG } from '../../observability/tokens.js';
import type { ProcessLog } from '../../observability/logger.js';
import { KEPT_SESSIONS, type KeptSession, type KeptSessions } from '../../contracts/kept-sessions.js';
import type { Page } from '../../contracts/identities.js';
import { Refused } from '../../low-rate/refused.js';
import { AsWriting, Needs } from '../access/needs.decorator.js';
import { AdminController, IfMatch } from '../admin-routes.js';
import type { Writing } from '../directory.js';
import { CheckedQuery } from '../input/json-body.js';
import { UuidId } from '../input/record-id.js';
import { SessionDto, SessionListQuery, SessionPageDto } from './session.dto.js';

/** Sessions of the built-in session server. */
@AdminController('sessions', 'sessions')
export class SessionsAdminController {
  constructor(
    @Inject(KEPT_SESSIONS) private readonly sessions: KeptSessions,
    @Inject(LOG) private readonly log: ProcessLog,
  ) {}

  @Get()
  @Needs('viewer', 'List sessions, the newest first')
  @ApiOkResponse({ type: SessionPageDto })
  async list(@CheckedQuery() { type, id, skip, limit }: SessionListQuery): Promise<Page<SessionDto>> {
    const { list, total } = await this.sessions.list({
      ...{ skip, limit },
      ...(type !== undefined && { type }),
      ...(id !== undefined && { origin: id }),
    });
    return { list: list.map(shown), total };
  }

  @Delete(':id')
  @HttpCode(204)
  @Needs('operator', 'End a session')
  @IfMatch()
  @ApiNoContentResponse()
  async end(@UuidId() id: string, @AsWriting() { by, precondition }: Writing): Promise<void> {
    // A session has no versions: none that a write could be based on is right.
    if (precondition !== null) throw new Refused('RECORD_CHANGED');
    if (!(await this.sessions.end(id.toLowerCase()))) throw new Refused('RECORD_UNKNOWN');
    this.log.log('info', 'A session was ended.', { by: by.name, session: id });
  }
}

const shown = ({ id, type, origin, begunAt, expiresAt }: KeptSession): SessionDto => ({
  ...{ id, type, user: origin, begunAt, expiresAt },
});
