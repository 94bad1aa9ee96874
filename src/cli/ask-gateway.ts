import { ControlClient, type ControlQuestion } from '../control-socket/control-client.js';
import type { Settings } from '../settings/settings.js';
import { CommandFailed } from './command-failed.js';

/** What the gateway that runs with these settings answers. @throws CommandFailed where none does, or it refuses */
export async function askGateway<T>({ storage }: Settings, question: ControlQuestion): Promise<T> {
  const answer = await new ControlClient(storage.dataFolder).ask<T>(question);
  if (answer.state === 'answered') return answer.value;
  if (answer.state === 'error') throw new CommandFailed(answer.message);
  throw new CommandFailed(
    `No gateway runs with the data.folder ${storage.dataFolder}. Start one, or give the settings that yours has (--config, --set).`,
  );
}
