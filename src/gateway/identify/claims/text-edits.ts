import { isObjectAt, membersOf, type Member } from '../../json/json-text.js';

/** What becomes of one member of an object, as JSON text. */
export type Edit =
  | { readonly kind: 'put'; readonly text: string }
  | { readonly kind: 'remove' }
  | { readonly kind: 'inside'; readonly members: Edits };
/** By name. */
export type Edits = ReadonlyMap<string, Edit>;

export const REMOVE: Edit = Object.freeze({ kind: 'remove' });

/** The edits with one more, at a path of at least one name; what was said later counts. */
export function withEdit(edits: Edits, path: readonly string[], edit: Edit): Edits {
  const [name, ...rest] = path;
  const known = edits.get(name!);
  return new Map(edits).set(name!, rest.length === 0 ? edit : insideOf(known, rest, edit));
}

function insideOf(known: Edit | undefined, path: readonly string[], edit: Edit): Edit {
  if (known === undefined || known.kind === 'inside')
    return { kind: 'inside', members: withEdit(known?.members ?? new Map(), path, edit) };
  // Nothing of the client's is left here to take out; what goes in goes into what we put, or into an object of our own.
  if (edit.kind === 'remove') return known;
  const text = known.kind === 'put' ? known.text : '{}';
  return { kind: 'put', text: editedObject(text, withEdit(new Map(), path, edit)) };
}

/**
 * An object's JSON text with edits made in it; all else stays as it was written. A value that is no object becomes one where
 * something is put into it, and stays where something would only be taken out.
 * @param text JSON, checked before
 * @throws JsonFault where it is none
 */
export function editedObject(text: string, edits: Edits): string {
  const open = text.search(/[^ \t\r\n]/);
  if (!isObjectAt(text, open)) return puts(edits) ? editedObject('{}', edits) : text;
  const { members } = membersOf(text, open, 0);
  const last = lastOfEach(members, edits);
  let edited = text.slice(0, open + 1);
  let before = open + 1;
  let isFirst = true;
  for (const member of members) {
    const between = text.slice(before, member.start);
    before = member.end;
    const edit = edits.get(member.name);
    if (edit !== undefined && (edit.kind === 'remove' || last.get(member.name) !== member)) continue;
    edited += isFirst ? between.replace(',', '') : between;
    edited += text.slice(member.start, member.value);
    const value = text.slice(member.value, member.end);
    edited += edit === undefined ? value : editedValue(value, edit);
    isFirst = false;
  }
  for (const [name, edit] of edits) {
    if (last.has(name) || !putsAnything(edit)) continue;
    edited += `${isFirst ? '' : ','}${JSON.stringify(name)}:${editedValue('{}', edit)}`;
    isFirst = false;
  }
  return edited + text.slice(before);
}

/** Of two equal names the last counts; the others are left out where they are edited, so that no reader sees them. */
function lastOfEach(members: readonly Member[], edits: Edits): ReadonlyMap<string, Member> {
  const last = new Map<string, Member>();
  for (const member of members) if (edits.has(member.name)) last.set(member.name, member);
  return last;
}

/** What an edit makes of a value; `{}` of one that is taken out. */
export function editedValue(text: string, edit: Edit): string {
  switch (edit.kind) {
    case 'put':
      return edit.text;
    case 'remove':
      return '{}';
    case 'inside':
      return editedObject(text, edit.members);
  }
}

export function putsAnything(edit: Edit): boolean {
  return edit.kind === 'put' || (edit.kind === 'inside' && puts(edit.members));
}

function puts(edits: Edits): boolean {
  for (const edit of edits.values()) if (putsAnything(edit)) return true;
  return false;
}
