/** The code of an error of the system or of undici; of a name with several addresses, that of the first. Else its name. */
export function errorCode(error: unknown): string {
  const { code, name, errors } = (error ?? {}) as {
    readonly code?: unknown;
    readonly name?: unknown;
    readonly errors?: unknown;
  };
  if (Array.isArray(errors) && errors.length > 0) return errorCode(errors[0]);
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'unknown error';
}
