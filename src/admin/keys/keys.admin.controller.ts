import { Delete, Get, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNoContentResponse, ApiNotFoundResponse, ApiOkResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Page } from '../../contracts/identities.js';
import { AsWriting, ByActor, Needs } from '../access/needs.decorator.js';
import { ADMIN_MOUNT, AdminController, IfMatch } from '../admin-routes.js';
import type { Actor } from '../administrator.js';
import { KEYS, type Keys, type Writing } from '../directory.js';
import { ErrorDto } from '../docs/error.dto.js';
import { tagOf } from '../input/if-match.js';
import { CheckedQuery, JsonBody } from '../input/json-body.js';
import { RecordId } from '../input/record-id.js';
import { KEY_VERSION } from './governed-keys.js';
import { KeyDto, KeyListQuery, KeyPageDto, MadeKeyDto, NewKeyDto } from './key.dto.js';

/** API keys of users. A key is made and deleted, never changed: whoever was given it would have another without knowing. */
@AdminController('keys', 'keys')
export class KeysAdminController {
  constructor(@Inject(KEYS) private readonly keys: Keys) {}

  @Get()
  @Needs('admin', 'List API keys')
  @ApiOkResponse({ type: KeyPageDto })
  list(@CheckedQuery() query: KeyListQuery): Promise<Page<KeyDto>> {
    return this.keys.list(query);
  }

  @Get(':id')
  @Needs('admin', 'Get an API key, without the key itself')
  @ApiOkResponse({ type: KeyDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  async get(@RecordId() id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<KeyDto> {
    const key = await this.keys.get(id);
    reply.header('ETag', tagOf(KEY_VERSION));
    return key;
  }

  @Post()
  @Needs('admin', 'Create an API key: the answer alone has the key itself')
  @ApiBody({ type: NewKeyDto })
  @ApiCreatedResponse({ type: MadeKeyDto })
  @ApiNotFoundResponse({ type: ErrorDto, description: 'There is no such user.' })
  async create(
    @JsonBody() key: NewKeyDto,
    @ByActor() by: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MadeKeyDto> {
    const made = await this.keys.create(key, by);
    reply.header('Location', `/${ADMIN_MOUNT}/keys/${encodeURIComponent(made.id)}`);
    reply.header('ETag', tagOf(KEY_VERSION));
    return made;
  }

  @Delete(':id')
  @HttpCode(204)
  @Needs('admin', 'Delete an API key: it holds no longer')
  @IfMatch()
  @ApiNoContentResponse()
  delete(@RecordId() id: string, @AsWriting() writing: Writing): Promise<void> {
    return this.keys.delete(id, writing);
  }
}
