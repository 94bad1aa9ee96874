import { IdentityServer } from './identity-server.js';
import { describeSeeds, SEED_USERS } from './seed.js';
import { readSettings, type IdentitySettings } from './settings.js';

function refuse(reason: string): never {
  console.error(`The identity server cannot start: ${reason}.`);
  process.exit(1);
}

function settingsOrRefuse(): IdentitySettings {
  try {
    return readSettings(process.argv.slice(2), process.env);
  } catch (error) {
    return refuse((error as Error).message);
  }
}

const settings = settingsOrRefuse();
const { host, port, users } = settings;
const server = await IdentityServer.start(settings).catch(({ code, message }: NodeJS.ErrnoException) => {
  return refuse(code === 'EADDRINUSE' ? `port ${port} on ${host} is in use` : message);
});

let isClosing = false;
const close = () => {
  if (isClosing) return;
  isClosing = true;
  void server.close().finally(() => process.exit(0));
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, close);
// Started beside a gateway, it ends with it, also when the gateway was killed: then the pipe between them closes.
if (process.env.IDENTITY_SERVER_WITH_PARENT === 'true') process.stdin.on('end', close).resume();

console.log(`Identity server ready on http://${host}:${server.port}, all in memory.`);
// Only those that everybody knows; passwords of a file of one's own are nobody's business.
if (users === SEED_USERS) console.log(`Users for trying out only:\n${describeSeeds(users)}`);
else console.log(`${users.length} users of a file.`);
