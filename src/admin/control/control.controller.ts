import { Controller, Get, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiBody,
  ApiForbiddenResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiSecurity,
  ApiTags,
  ApiUnauthorizedResponse,
  getSchemaPath,
  ApiExtraModels,
} from '@nestjs/swagger';
import { COMPONENT_CONTROL, type ComponentControl } from '../../contracts/component-control.js';
import { COMPONENT_KINDS } from '../../contracts/records.js';
import { LowRate } from '../../low-rate/low-rate.js';
import { DoorGuard } from '../access/door.guard.js';
import { ErrorDto } from '../docs/error.dto.js';
import { JsonBody } from '../input/json-body.js';
import { ComponentCommands, type Shown } from './component-commands.js';
import { ControlCommandDto, ShownComponentDto, ShownComponentsDto } from './control.dto.js';
import { ControlGuard } from './control.guard.js';

export const CONTROL_MOUNT = 'api/control';

const ADDRESSED = { component: { name: 'component', enum: COMPONENT_KINDS }, id: { name: 'id', type: String } };
const SHOWN = {
  schema: { oneOf: [{ $ref: getSchemaPath(ShownComponentDto) }, { $ref: getSchemaPath(ShownComponentsDto) }] },
  description: 'One component; for `*` a list of all of the kind.',
};

/** The original's Control API (spec/apis.md): what is in force, and looking at the source anew. */
@Controller(CONTROL_MOUNT)
@LowRate()
@UseGuards(DoorGuard, ControlGuard)
@ApiTags('control')
@ApiBearerAuth('token')
@ApiSecurity('key')
@ApiExtraModels(ShownComponentDto, ShownComponentsDto)
@ApiBadRequestResponse({ type: ErrorDto, description: 'Unknown kind (17004) or command (17007).' })
@ApiUnauthorizedResponse({ type: ErrorDto })
@ApiForbiddenResponse({ type: ErrorDto, description: 'The role operator is missing.' })
@ApiNotFoundResponse({ type: ErrorDto, description: 'Unknown id (17002).' })
export class ControlController {
  private readonly commands: ComponentCommands;

  constructor(@Inject(COMPONENT_CONTROL) control: ComponentControl) {
    this.commands = new ComponentCommands(control);
  }

  @Get(':component/:id')
  @ApiOperation({ summary: 'SHOW: what is in force', description: 'Needs the role operator.' })
  @ApiParam(ADDRESSED.component)
  @ApiParam(ADDRESSED.id)
  @ApiOkResponse(SHOWN)
  show(@Param('component') component: string, @Param('id') id: string): Shown {
    return this.commands.show({ component, id });
  }

  @Post(':component/:id')
  @HttpCode(200)
  @ApiOperation({ summary: 'REFRESH, and show what is in force then', description: 'Needs the role operator.' })
  @ApiParam(ADDRESSED.component)
  @ApiParam(ADDRESSED.id)
  @ApiOkResponse(SHOWN)
  refresh(@Param('component') component: string, @Param('id') id: string): Promise<Shown> {
    return this.commands.refresh({ component, id });
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'SHOW or REFRESH, as the body says', description: 'Needs the role operator.' })
  @ApiBody({ type: ControlCommandDto })
  @ApiOkResponse(SHOWN)
  run(@JsonBody() { command, component, id }: ControlCommandDto): Shown | Promise<Shown> {
    return this.commands.run(command, { component, id });
  }
}
