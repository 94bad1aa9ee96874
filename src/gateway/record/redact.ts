/** Names whose values never reach a log (spec/components.md, "Secret are"). */
const SECRET = /secret|password|passwd|credential|api[-_ ]?key|access[-_ ]?key|token|authorization|cookie|otp$/i;
const HIDDEN = '********';

/** JSON text with the values of secret names replaced; text that is no JSON becomes a note of its length. */
export function redacted(text: string): string {
  return rewritten(text, hideSecrets);
}

/** JSON text with its members' names alone: of a login everything is a credential, whatever it is called. */
export function withoutValues(text: string): string {
  return rewritten(text, hideValue);
}

function rewritten(text: string, hide: (name: string, value: unknown) => unknown): string {
  try {
    return JSON.stringify(JSON.parse(text, hide));
  } catch {
    return JSON.stringify(`(${text.length} characters that are not JSON)`);
  }
}

function hideSecrets(name: string, value: unknown): unknown {
  return name !== '' && SECRET.test(name) && value !== null ? HIDDEN : value;
}

function hideValue(_name: string, value: unknown): unknown {
  return typeof value === 'object' ? value : HIDDEN;
}
