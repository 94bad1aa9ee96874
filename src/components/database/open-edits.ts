import type { LazyDatabase } from '../../storage/lazy-database.js';
import type { SecretBox } from '../../secrets/secret-box.js';
import type { ComponentEdits } from './component-edits.js';

/** The edits of a database; nothing of the ORM is loaded before the first. */
export function editsOf(options: {
  readonly database: LazyDatabase;
  readonly box: SecretBox;
  readonly gatewayId: string;
}): ComponentEdits {
  let made: Promise<ComponentEdits> | null = null;
  const edits = (): Promise<ComponentEdits> =>
    (made ??= import('./database-edits.js').then(({ DatabaseEdits }) => new DatabaseEdits(options)));
  return {
    apply: async (records, edit) => (await edits()).apply(records, edit),
    dump: async () => (await edits()).dump(),
    reencrypt: async () => (await edits()).reencrypt(),
  };
}
