const SPACE = 32;
const TAB = 9;
const COMMA = 44;

/** Whether the text has this name at `from`, in any case of ASCII letters. @param name in lower case */
export function hasNameAt(text: string, from: number, name: string): boolean {
  if (text.length - from < name.length) return false;
  for (let index = 0; index < name.length; index++) {
    const code = text.charCodeAt(from + index);
    const lower = code >= 65 && code <= 90 ? code + 32 : code;
    if (lower !== name.charCodeAt(index)) return false;
  }
  return true;
}

/** Whether the text begins with this scheme, and not with a longer word. @param name in lower case */
export function hasScheme(text: string, name: string): boolean {
  if (!hasNameAt(text, 0, name)) return false;
  if (text.length === name.length) return true;
  const next = text.charCodeAt(name.length);
  return next === SPACE || next === TAB || next === COMMA;
}

/** What follows a scheme: one blank or several lie between (RFC 9110, 11.4). */
export function afterScheme(text: string, name: string): string {
  let from = name.length;
  while (text.charCodeAt(from) === SPACE) from++;
  return text.slice(from);
}
