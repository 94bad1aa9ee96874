import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { COMPONENT_KINDS } from '../../contracts/records.js';
import { Optional, TextOf } from '../input/rules.js';

/** A call of the original's Control API with everything in its body. */
export class ControlCommandDto {
  @ApiProperty({ enum: ['SHOW', 'REFRESH'] })
  @TextOf(64)
  readonly command!: string;

  @ApiProperty({ enum: COMPONENT_KINDS })
  @TextOf(64)
  readonly component!: string;

  @ApiPropertyOptional({ type: String, default: '*', description: '`*`: all of the kind.' })
  @Optional()
  @TextOf(128)
  readonly id: string = '*';
}

class FindingDto {
  @ApiProperty({ enum: ['fault', 'warning'] }) readonly severity!: string;
  @ApiProperty({ type: String, description: 'JSON pointer into the record.' }) readonly pointer!: string;
  @ApiProperty({ type: Number }) readonly code!: number;
  @ApiProperty({ type: String }) readonly message!: string;
}

/** What is in force of a component. */
export class ShownComponentDto {
  @ApiProperty({ enum: COMPONENT_KINDS }) readonly component!: string;
  @ApiProperty({ type: String }) readonly id!: string;
  @ApiProperty({ type: Object, nullable: true, description: 'Secrets are masked. null: it never was good.' })
  readonly data!: unknown;
  @ApiProperty({ type: String }) readonly version!: string;
  @ApiProperty({ type: Boolean }) readonly active!: boolean;
  @ApiProperty({ type: () => [FindingDto] }) readonly findings!: unknown;
}

export class ShownComponentsDto {
  @ApiProperty({ type: () => [ShownComponentDto] }) readonly list!: readonly unknown[];
  @ApiProperty({ type: Number }) readonly total!: number;
}
