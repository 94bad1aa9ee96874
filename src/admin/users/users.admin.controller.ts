import { Delete, Get, HttpCode, Inject, Patch, Post, Put, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Page } from '../../contracts/identities.js';
import { AsWriting, ByActor, Needs } from '../access/needs.decorator.js';
import { ADMIN_MOUNT, AdminController, IfMatch } from '../admin-routes.js';
import type { Actor } from '../administrator.js';
import { USERS, type Users, type Writing } from '../directory.js';
import { ErrorDto } from '../docs/error.dto.js';
import { tagOf } from '../input/if-match.js';
import { CheckedQuery, JsonBody } from '../input/json-body.js';
import { RecordId } from '../input/record-id.js';
import { NewUserDto, UserChangeDto, UserDto, UserListQuery, UserPageDto, UserReplacementDto } from './user.dto.js';

/** Users of all types, administrators among them. */
@AdminController('users', 'users')
export class UsersAdminController {
  constructor(@Inject(USERS) private readonly users: Users) {}

  @Get()
  @Needs('admin', 'List users')
  @ApiOkResponse({ type: UserPageDto })
  list(@CheckedQuery() query: UserListQuery): Promise<Page<UserDto>> {
    return this.users.list(query);
  }

  @Get(':id')
  @Needs('admin', 'Get a user')
  @ApiOkResponse({ type: UserDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  async get(@RecordId() id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<UserDto> {
    return tagged(await this.users.get(id), reply);
  }

  @Post()
  @Needs('admin', 'Create a user')
  @ApiBody({ type: NewUserDto })
  @ApiCreatedResponse({ type: UserDto })
  @ApiConflictResponse({ type: ErrorDto, description: 'The name is taken.' })
  async create(
    @JsonBody() user: NewUserDto,
    @ByActor() by: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserDto> {
    const made = await this.users.create(user, by);
    reply.header('Location', `/${ADMIN_MOUNT}/users/${encodeURIComponent(made.id)}`);
    return tagged(made, reply);
  }

  @Put(':id')
  @Needs('admin', 'Replace all that may change of a user; the password stays unless one is sent')
  @IfMatch()
  @ApiBody({ type: UserReplacementDto })
  @ApiOkResponse({ type: UserDto })
  @ApiConflictResponse({ type: ErrorDto, description: 'The name is taken, or it is the last administrator.' })
  async replace(
    @RecordId() id: string,
    @JsonBody() user: UserReplacementDto,
    @AsWriting() writing: Writing,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserDto> {
    return tagged(await this.users.replace(id, user, writing), reply);
  }

  @Patch(':id')
  @Needs('admin', 'Change what is sent of a user')
  @IfMatch()
  @ApiBody({ type: UserChangeDto })
  @ApiOkResponse({ type: UserDto })
  @ApiConflictResponse({ type: ErrorDto, description: 'The name is taken, or it is the last administrator.' })
  async change(
    @RecordId() id: string,
    @JsonBody() change: UserChangeDto,
    @AsWriting() writing: Writing,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserDto> {
    return tagged(await this.users.change(id, change, writing), reply);
  }

  @Delete(':id')
  @HttpCode(204)
  @Needs('admin', 'Delete a user, with its keys and logins')
  @IfMatch()
  @ApiNoContentResponse()
  @ApiConflictResponse({ type: ErrorDto, description: 'It is the last administrator.' })
  delete(@RecordId() id: string, @AsWriting() writing: Writing): Promise<void> {
    return this.users.delete(id, writing);
  }
}

function tagged(user: UserDto, reply: FastifyReply): UserDto {
  reply.header('ETag', tagOf(user.version));
  return user;
}
