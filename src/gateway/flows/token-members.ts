import { editedObject, REMOVE, type Edit } from '../identify/claims/text-edits.js';

const NAMES = ['access_token', 'refresh_token', 'id_token'] as const;
const REMOVED: ReadonlyMap<string, Edit> = new Map(NAMES.map((name) => [name, REMOVE]));
/** Where an authentication server's answer has its tokens (spec/identity.md, "Provider"). */
const EDITS: ReadonlyMap<string, Edit> = new Map<string, Edit>([
  ...REMOVED,
  ['token', { kind: 'inside', members: REMOVED }],
  ['user', { kind: 'inside', members: REMOVED }],
]);

/** An answer without the authentication server's tokens. @param text JSON text of an object */
export function withoutTokens(text: string): string {
  return editedObject(text, EDITS);
}
