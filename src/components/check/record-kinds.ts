import type { ValidateFunction } from 'ajv';
import { checkChannel } from '../../channels/check-channel.js';
import { ChannelDto } from '../../channels/dto/channel.dto.js';
import { COMPONENT_KINDS, type ComponentKind } from '../../contracts/records.js';
import { ServiceDto } from '../../services/dto/service.dto.js';
import { SystemDto } from '../../systems/dto/system.dto.js';
import { TokenDto } from '../../tokens/dto/token.dto.js';
import { Slices } from '../breathe.js';
import type { DtoClass } from '../field.decorator.js';
import { type JsonSchema, schemaOf } from '../schema-of.js';
import { isMembers, type Members } from './members.js';
import { normalizePaths } from './paths.js';
import type { RecordCheck } from './record-check.js';
import { surveyOf } from './survey.js';
import { classesOf, validatorOf } from './validators.js';

interface RecordKind {
  readonly dto: DtoClass;
  /** Why no record of the kind has an effect yet. */
  readonly notInForce?: string;
  /** Records of a kind that is not in force and have an effect all the same. */
  readonly isInForce?: (record: Members) => boolean;
  /** What no schema can say. Runs on records of any shape, and may change them in place. */
  readonly check?: (record: Members, check: RecordCheck) => void;
}

/** All that is known of the four kinds, in one place. */
export const RECORD_KINDS: Readonly<Record<ComponentKind, RecordKind>> = {
  system: { dto: SystemDto },
  channel: { dto: ChannelDto, check: checkChannel },
  service: {
    dto: ServiceDto,
    notInForce: 'services but those that keep rates are not used in this release',
    isInForce: keepsRates,
    check: (record, check) => normalizePaths(record, check, { keepsExtensions: true }),
  },
  token: { dto: TokenDto },
};

/** Any service with a persistenceHelperClass keeps rates, whatever its type (spec/components.md). */
function keepsRates({ type, parameters }: Members): boolean {
  const helper = isMembers(parameters) ? parameters['persistenceHelperClass'] : undefined;
  return type === 'rate' || (helper !== undefined && helper !== '');
}

/** The published schema of a kind's fields. */
export function schemaOfKind(kind: ComponentKind): JsonSchema {
  return schemaOf(RECORD_KINDS[kind].dto);
}

/** Reads a record's fields: schema, unknown fields, what is not in force, what no schema can say. */
export type CheckFields = (record: Members, check: RecordCheck) => NonNullable<ValidateFunction['errors']>;

const checks = new Map<ComponentKind, CheckFields>();

/** Made on first use, and kept: it takes some milliseconds. */
export function checkOfKind(kind: ComponentKind): CheckFields {
  const known = checks.get(kind);
  if (known !== undefined) return known;
  const { dto, notInForce, isInForce, check: checkKind } = RECORD_KINDS[kind];
  const validate = validatorOf(dto);
  const survey = surveyOf(dto, { warnsIdle: notInForce === undefined });
  const checkFields: CheckFields = (record, check) => {
    survey(record, check);
    const errors = validate(record) ? [] : (validate.errors ?? []);
    checkKind?.(record, check);
    if (notInForce !== undefined && isInForce?.(record) !== true)
      check.warning('', `The record is not in force: ${notInForce}. Do not rely on it.`);
    return errors;
  };
  checks.set(kind, checkFields);
  return checkFields;
}

let ready: Promise<void> | null = null;

/** Compiles all that checks need, in slices, so that no request waits for it. */
export function prepareChecks(): Promise<void> {
  ready ??= compileAll();
  return ready;
}

async function compileAll(): Promise<void> {
  const slices = new Slices();
  for (const kind of COMPONENT_KINDS) {
    for (const dto of classesOf(RECORD_KINDS[kind].dto)) {
      await slices.pause();
      validatorOf(dto);
    }
    checkOfKind(kind);
  }
}
