import { Ajv, type ValidateFunction } from 'ajv';
import { checkChannel } from '../../channels/check-channel.js';
import { ChannelDto } from '../../channels/dto/channel.dto.js';
import type { ComponentKind } from '../../contracts/records.js';
import { ServiceDto } from '../../services/dto/service.dto.js';
import { SystemDto } from '../../systems/dto/system.dto.js';
import { TokenDto } from '../../tokens/dto/token.dto.js';
import type { DtoClass } from '../field.decorator.js';
import { type JsonSchema, schemaOf } from '../schema-of.js';
import type { Members } from './members.js';
import { normalizePaths } from './paths.js';
import type { RecordCheck } from './record-check.js';
import { surveyOf } from './survey.js';

interface RecordKind {
  readonly dto: DtoClass;
  /** Why no record of the kind has an effect yet. */
  readonly notInForce?: string;
  /** What no schema can say. Runs on records of any shape, and may change them in place. */
  readonly check?: (record: Members, check: RecordCheck) => void;
}

/** All that is known of the four kinds, in one place. */
export const RECORD_KINDS: Readonly<Record<ComponentKind, RecordKind>> = {
  system: { dto: SystemDto },
  channel: { dto: ChannelDto, check: checkChannel },
  service: {
    dto: ServiceDto,
    notInForce: 'services are not used in this release',
    check: (record, check) => normalizePaths(record, check, { keepsExtensions: true }),
  },
  token: { dto: TokenDto, notInForce: 'tokens are not checked in this release' },
};

/** Reads a record's fields: schema, unknown fields, what is not in force, what no schema can say. */
export type CheckFields = (record: Members, check: RecordCheck) => ValidateFunction['errors'];

const schemas = new Map<ComponentKind, JsonSchema>();
const checks = new Map<ComponentKind, CheckFields>();
let ajv: Ajv | null = null;

/** The published schema of a kind's fields. */
export function schemaOfKind(kind: ComponentKind): JsonSchema {
  const schema = schemas.get(kind) ?? schemaOf(RECORD_KINDS[kind].dto);
  schemas.set(kind, schema);
  return schema;
}

/** Compiled on first use, and kept: it takes some milliseconds. */
export function checkOfKind(kind: ComponentKind): CheckFields {
  const known = checks.get(kind);
  if (known !== undefined) return known;
  ajv ??= new Ajv({ allErrors: true, verbose: true, coerceTypes: true, strict: false, messages: false });
  const validate = ajv.compile(schemaOfKind(kind));
  const { dto, notInForce, check: checkKind } = RECORD_KINDS[kind];
  const survey = surveyOf(dto, { warnsIdle: notInForce === undefined });
  const checkFields: CheckFields = (record, check) => {
    survey(record, check);
    const errors = validate(record) ? null : validate.errors;
    checkKind?.(record, check);
    if (notInForce !== undefined) check.warning('', `The record is not in force: ${notInForce}. Do not rely on it.`);
    return errors ?? null;
  };
  checks.set(kind, checkFields);
  return checkFields;
}
