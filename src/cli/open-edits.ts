import { setTimeout as delay } from 'node:timers/promises';
import type { ComponentEdits } from '../components/database/component-edits.js';
import { editsOf } from '../components/database/open-edits.js';
import { ControlClient } from '../control-socket/control-client.js';
import { SocketEdits } from '../control-socket/socket-edits.js';
import { makeFolder } from '../process/make-folder.js';
import { openSecretBox, type OpenSecretBox } from '../secrets/open-secret-box.js';
import type { Settings } from '../settings/settings.js';
import { FolderLock } from '../storage/embedded/folder-lock.js';
import { isFatal } from '../storage/fatal.js';
import { LazyDatabase } from '../storage/lazy-database.js';
import { CommandFailed, messageOf } from './command-failed.js';
import type { Terminal } from './terminal.js';

export interface OpenedEdits {
  readonly edits: ComponentEdits;
  readonly close: () => Promise<void>;
}

/** Opens the components of the settings' database. @throws CommandFailed */
export type OpenEdits = (settings: Settings, terminal: Terminal) => Promise<OpenedEdits>;

/** A gateway that has just started holds its folder before it answers, and a command before this one holds it for a moment. */
const PATIENCE_MS = 5000;
const LOOK_MS = 100;

/**
 * Where database.url is set: that database. Else the embedded one, over the socket of the process that holds its folder, or by
 * itself where nobody does.
 */
export const openEdits: OpenEdits = async (settings, terminal) => {
  const client = await clientOfHolder(settings);
  if (client !== null) return { edits: new SocketEdits(client), close: () => Promise.resolve() };
  const { database, box } = await openDatabase(settings, terminal);
  return { edits: editsOf({ database, box, gatewayId: settings.gateway.id }), close: () => database.close() };
};

/** Null where nobody holds the embedded database. */
export async function editsOfHolder(dataFolder: string, patienceMs = PATIENCE_MS): Promise<ComponentEdits | null> {
  const client = await holderOf(dataFolder, patienceMs);
  return client === null ? null : new SocketEdits(client);
}

/** Who holds the database of these settings; null where it can be opened: nobody holds it, or it is one for many. */
export async function clientOfHolder({ storage }: Settings): Promise<ControlClient | null> {
  return storage.databaseUrl === null ? holderOf(storage.dataFolder, PATIENCE_MS) : null;
}

/** @throws CommandFailed where somebody holds it, and cannot be asked */
async function holderOf(dataFolder: string, patienceMs: number): Promise<ControlClient | null> {
  const { folder } = new LazyDatabase({ ...NOTHING, dataFolder });
  const client = new ControlClient(dataFolder, patienceMs);
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const holder = FolderLock.holder(folder);
    if (holder === null) return null;
    const answer = await client.ask({ method: 'GET', path: '/status' });
    if (answer.state === 'answered') return client;
    if (answer.state === 'error' || performance.now() >= deadline) {
      const why =
        answer.state === 'error'
          ? answer.message
          : `it opens no control socket in ${dataFolder}, by which it could be asked`;
      const who = `process ${holder.pid} on ${holder.host}`;
      throw new CommandFailed(`${folder} is in use by ${who}: ${why}. Stop that process, or try again.`);
    }
    await delay(LOOK_MS);
  }
}

const NOTHING = { url: null, box: null as never, hasGeneratedKey: false, log: () => undefined };

export interface OpenedDatabase {
  readonly database: LazyDatabase;
  readonly box: OpenSecretBox['box'];
}

/** Opens the database of these settings; whoever asked for it closes it. @throws CommandFailed */
export async function openDatabase(settings: Settings, terminal: Terminal): Promise<OpenedDatabase> {
  const { databaseUrl: url, dataFolder } = settings.storage;
  await makeFolder(dataFolder);
  const { key, previousKey } = settings.secrets;
  const { box, hasGeneratedKey, warnings } = await openSecretBox({ key, previousKey, dataFolder });
  for (const warning of warnings) terminal.error(`warning: ${warning}`);
  const database = new LazyDatabase({
    ...{ url, dataFolder, box, hasGeneratedKey },
    log: (level, message) => {
      if (level === 'warn' || level === 'error') terminal.error(`${level === 'warn' ? 'warning' : level}: ${message}`);
    },
  });
  try {
    await database.open();
  } catch (error) {
    await database.close();
    throw new CommandFailed(isFatal(error) ? error.message : `${database.name} cannot be opened: ${messageOf(error)}`);
  }
  return { database, box };
}
