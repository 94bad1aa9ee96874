/** Characters; a longer one is no name that a person has. */
const MOST_CHARACTERS = 256;
const NOT_IN_NAMES = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** How names are compared: by NFKC and case-folded (spec/identity.md). Upper case first, for letters that fold to several (ß, ss). */
export function foldedName(username: string): string {
  return username.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

/** What is wrong with a username; null: nothing. */
export function nameProblem(username: string): string | null {
  if (username === '') return 'is empty';
  if (username.length > MOST_CHARACTERS) return `has more than ${MOST_CHARACTERS} characters`;
  // Some characters come apart: a full-width space is a space.
  for (const text of [username, foldedName(username)]) {
    if (NOT_IN_NAMES.test(text)) return 'holds control or format characters';
    if (text.trim() !== text) return 'has white space around it';
  }
  return foldedName(username) === '' ? 'is empty' : null;
}
