/** A place where values and secrets are kept by path. */
export interface LookupProvider {
  /** What people call it. */
  readonly name: string;
  /**
   * The text at a path, null where there is none.
   * @throws ProviderAway
   */
  read(path: string): Promise<string | null>;
  /** Where it looks for a path, for people; without it, its name is told. */
  where?(path: string): string;
  /** A view that may remember what it read, for as long as one load takes. */
  session?(): LookupProvider;
}

/** A provider cannot be asked. The message is for people, and holds no secret. */
export class ProviderAway extends Error {
  /** Whether it cannot be asked for anything, so that nobody need ask again in this load. */
  readonly isWhole: boolean;

  constructor(
    message: string,
    { isWhole = false, cause }: { readonly isWhole?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = 'ProviderAway';
    this.isWhole = isWhole;
  }
}

/** Most bytes of one text, and of one answer. */
export const MOST_BYTES = 1_048_576;

/** A reason of Node as messages may show it. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'it does not exist',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    ECONNREFUSED: 'the connection was refused',
    ECONNRESET: 'the connection was cut',
    ENOTFOUND: 'its host name is unknown',
  };
  return (code === undefined ? undefined : known[code]) ?? code ?? message;
}
