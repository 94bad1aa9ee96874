import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Log } from '../components/load-log.js';

export const NOTE_NAME = 'admin-password';

/** A password that waits for its user. */
export interface NotedPassword {
  /** The user is there: whoever runs this process is told. */
  tell(username: string): Promise<void>;
  /** Somebody else was faster. */
  drop(): Promise<void>;
}

export interface PasswordNoteOptions {
  /** data.folder. */
  readonly folder: string;
  /** Prints on the terminal that somebody looks at; null: there is none. */
  readonly print: ((text: string) => void) | null;
  readonly log: Log;
}

/** Where a generated password goes: onto a terminal, else into a file for this user alone. It is never logged. */
export class PasswordNote {
  constructor(private readonly options: PasswordNoteOptions) {}

  /** @throws what keeps the file from being written */
  async begin(password: string): Promise<NotedPassword> {
    const { print } = this.options;
    if (print !== null)
      return { tell: async (username) => print(printed(username, password)), drop: async () => undefined };
    return this.write(password);
  }

  private async write(password: string): Promise<NotedPassword> {
    const { folder, log } = this.options;
    const path = join(folder, NOTE_NAME);
    // Under a name of its own: a note of another process that was faster must stay.
    const scratch = `${path}.${randomUUID()}`;
    await writeFile(scratch, `${password}\n`, { mode: 0o600, flag: 'wx' });
    return {
      tell: async (username) => {
        await rename(scratch, path);
        log('info', 'The password of the first administrator was generated: read it there, and delete the file.', {
          ...{ username, path },
        });
      },
      drop: () => rm(scratch, { force: true }),
    };
  }
}

const printed = (username: string, password: string): string =>
  [
    '',
    `The first administrator of this gateway is ${JSON.stringify(username)}, with the password`,
    '',
    `    ${password}`,
    '',
    'It is not shown again. Forgotten: npx sluice user set NAME --password',
    '',
    '',
  ].join('\n');
