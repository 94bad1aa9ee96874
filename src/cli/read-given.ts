import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { prepareChecks } from '../components/check/record-kinds.js';
import { KIND_BY_PLURAL } from '../components/files/record-file.js';
import { isRecordFile, scanFolder, UnreadableFolder } from '../components/files/scan-folder.js';
import type { ComponentKind } from '../contracts/records.js';
import { CommandFailed } from './command-failed.js';
import { failedFile, type GivenFile, givenFile } from './given-file.js';
import type { Terminal } from './terminal.js';

const STANDARD_INPUT = '-';
const MOST_BYTES = 256 * 1024 * 1024;
const USAGE = 2;

/** Reads and checks a folder of records, a file, or `-`, standard input. @throws CommandFailed where there is no such thing */
export async function readGiven(source: string, gatewayId: string, terminal: Terminal): Promise<readonly GivenFile[]> {
  await prepareChecks();
  if (source === STANDARD_INPUT) {
    return [givenFile(await readInput(terminal), { path: null, kind: null, gatewayId })];
  }
  const path = resolve(terminal.cwd, source);
  const stats = await stat(path).catch(() => null);
  if (stats === null) throw new CommandFailed(`${source} is not there.`, USAGE);
  if (!stats.isDirectory()) {
    if (!isRecordFile(basename(path))) throw new CommandFailed(`${source} is no .yaml, .yml or .json file.`, USAGE);
    return [await readGivenFile({ path, kind: kindOfFolder(path), mayHoldKinds: true, gatewayId })];
  }
  const given: GivenFile[] = [];
  for (const { path: file, kind } of await filesIn(path))
    given.push(await readGivenFile({ path: file, kind, gatewayId }));
  return given;
}

async function filesIn(
  folder: string,
): Promise<readonly { readonly path: string; readonly kind: ComponentKind | null }[]> {
  try {
    return [...(await scanFolder(folder)).files.values()];
  } catch (error) {
    throw error instanceof UnreadableFolder ? new CommandFailed(`${error.message}.`, USAGE) : error;
  }
}

/** A file below `systems`, `channels`, … holds that kind, as it does where the whole folder is given. */
function kindOfFolder(path: string): ComponentKind | null {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const kind = KIND_BY_PLURAL.get(basename(folder));
    if (kind !== undefined) return kind;
  }
  return null;
}

interface Place {
  readonly path: string;
  readonly kind: ComponentKind | null;
  readonly mayHoldKinds?: boolean;
  readonly gatewayId: string;
}

async function readGivenFile(place: Place): Promise<GivenFile> {
  let bytes: Buffer;
  try {
    bytes = await readFile(place.path);
  } catch (error) {
    return failedFile(place, `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
  }
  return givenFile(bytes, { ...place, isJson: extname(place.path).toLowerCase() === '.json' });
}

async function readInput({ input }: Terminal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input ?? []) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new CommandFailed('Standard input is larger than 256 MiB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
