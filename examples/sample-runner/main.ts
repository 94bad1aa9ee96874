import { parseArgs } from 'node:util';
import { createSampleRunner } from './sample-runner.js';

function refuse(reason: string): never {
  console.error(`The sample runner cannot start: ${reason}.`);
  process.exit(1);
}

function readArguments(): Readonly<Partial<Record<string, string>>> {
  try {
    return parseArgs({ options: { port: { type: 'string' }, host: { type: 'string' }, data: { type: 'string' } } })
      .values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

const given = readArguments();
/** `--port` before `SAMPLE_RUNNER_PORT` before the default. */
const setting = (name: string, otherwise: string) =>
  given[name] || process.env[`SAMPLE_RUNNER_${name.toUpperCase()}`] || otherwise;

const port = setting('port', '1235');
const host = setting('host', '127.0.0.1');
const dataFolder = setting('data', 'data/sample-runner');
if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) refuse(`"${port}" is no port`);

const runner = createSampleRunner({ dataFolder });
const listening = await runner
  .listen({ port: Number(port), host })
  .catch(({ code, message }: NodeJS.ErrnoException) => {
    return refuse(code === 'EADDRINUSE' ? `port ${port} on ${host} is in use` : message);
  });

let isClosing = false;
const close = () => {
  if (isClosing) return;
  isClosing = true;
  void runner.close().finally(() => process.exit(0));
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, close);
// Started beside a gateway, it ends with it, also when the gateway was killed: then the pipe between them closes.
if (process.env.SAMPLE_RUNNER_WITH_PARENT === 'true') process.stdin.on('end', close).resume();

console.log(`Sample runner ready on http://${host}:${listening.port}, records in ${dataFolder}.`);
