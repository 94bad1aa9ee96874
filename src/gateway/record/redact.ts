/** Names whose values never reach a log (spec/components.md, "Secret are"). */
const SECRET = /secret|password|passwd|credential|api[-_ ]?key|access[-_ ]?key|token|authorization|cookie|otp$/i;

/** JSON text with the values of secret names replaced; text that is no JSON becomes a note of its length. */
export function redacted(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text, hideSecrets));
  } catch {
    return JSON.stringify(`(${text.length} characters that are not JSON)`);
  }
}

function hideSecrets(this: unknown, name: string, value: unknown): unknown {
  return name !== '' && SECRET.test(name) && value !== null ? '********' : value;
}
