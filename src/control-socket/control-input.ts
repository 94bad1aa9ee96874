import type { EditOptions, GivenRecord } from '../components/database/component-edits.js';
import { isMembers, type Members } from '../components/check/members.js';
import { COMPONENT_KINDS, type ComponentKind } from '../contracts/records.js';

/** What was asked is not what the route takes. The message is for the one who asked. */
export class WrongInput extends Error {}

export const isKind = (text: unknown): text is ComponentKind => (COMPONENT_KINDS as readonly unknown[]).includes(text);

const KINDS = COMPONENT_KINDS.join(', ');
const FLAGS = ['prune', 'normalize', 'dryRun'] as const;

/** @throws WrongInput */
export function refreshInput(body: unknown): { readonly acceptEmpty: boolean } {
  const members = only(body, ['acceptEmpty']);
  return { acceptEmpty: flag(members, 'acceptEmpty') ?? false };
}

/** @throws WrongInput */
export function showInput(query: URLSearchParams): { readonly component: ComponentKind; readonly id: string } {
  const component = query.get('component');
  if (!isKind(component)) throw new WrongInput(`component is one of ${KINDS}.`);
  const id = query.get('id') ?? '*';
  if (id === '') throw new WrongInput('id is the id of a record, or * for all of the kind.');
  return { component, id };
}

/** @throws WrongInput */
export function applyInput(body: unknown): { readonly records: readonly GivenRecord[]; readonly options: EditOptions } {
  const members = only(body, ['records', ...FLAGS]);
  const { records } = members;
  if (!Array.isArray(records)) throw new WrongInput('records is a list of {kind, id, data}.');
  const options: Record<string, boolean> = {};
  for (const name of FLAGS) {
    const value = flag(members, name);
    if (value !== undefined) options[name] = value;
  }
  return { records: records.map(recordAt), options };
}

function recordAt(value: unknown, index: number): GivenRecord {
  if (!isMembers(value)) throw new WrongInput(`records[${index}] is no object.`);
  const { kind, id, data } = value;
  if (!isKind(kind)) throw new WrongInput(`records[${index}].kind is one of ${KINDS}.`);
  if (typeof id !== 'string' || id === '') throw new WrongInput(`records[${index}].id is a text.`);
  if (!isMembers(data)) throw new WrongInput(`records[${index}].data is an object.`);
  return { kind, id, data };
}

/** A slip of the pen in `dryRun` would write. */
function only(body: unknown, names: readonly string[]): Members {
  if (!isMembers(body)) throw new WrongInput('The body is a JSON object.');
  const other = Object.keys(body).find((name) => !names.includes(name));
  if (other !== undefined) {
    throw new WrongInput(
      `${JSON.stringify(other.slice(0, 40))} is no member of the body; there are: ${names.join(', ')}.`,
    );
  }
  return body;
}

function flag(members: Members, name: string): boolean | undefined {
  const value = members[name];
  if (value !== undefined && typeof value !== 'boolean') throw new WrongInput(`${name} is true or false.`);
  return value;
}
