import type { ComponentKind } from '../contracts/records.js';
import { mapSecrets } from './map-secrets.js';
import { MASK, withoutUserInfo } from './secret-names.js';

/**
 * A copy of a record that anybody may see: secrets are masked, URLs lose their user-info (spec/components.md, "Secret are").
 * @param isSecretParameter what the record's executor declares as secret; unknown executors declare nothing
 */
export function maskRecord(
  kind: ComponentKind,
  record: object,
  isSecretParameter: (name: string) => boolean = () => false,
): Record<string, unknown> {
  return mapSecrets(kind, record, { secret: () => MASK, text: withoutUserInfo, isSecretParameter });
}
