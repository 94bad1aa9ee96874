import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, start } from './processes.mjs';

const root = new URL('../../', import.meta.url).pathname;
// Another build of the product can be measured without touching dist.
const dist = process.env.BENCH_DIST ?? join(root, 'dist');
let count = 0;

/** A gateway of the built product on a folder of components, with settings on top. */
export async function startGateway(components, settings = {}, core = 0) {
  const home = join(folder, `gateway-${++count}`);
  for (const [path, content] of Object.entries(components)) {
    mkdirSync(join(home, 'components', path, '..'), { recursive: true });
    writeFileSync(join(home, 'components', path), JSON.stringify(content));
  }
  const all = {
    'server.port': 0,
    'server.host': '127.0.0.1',
    'config.loader.type': 'files',
    'config.loader.folder': join(home, 'components'),
    'data.folder': join(home, 'data'),
    ...settings,
  };
  const args = [
    // As `npm start` and the image run it.
    '--max-semi-space-size=4',
    join(dist, 'main.js'),
    ...Object.entries(all).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
  ];
  const begun = performance.now();
  const gateway = await start(args, {
    core,
    isReady: (text) => {
      const match = /"address":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(text);
      return match === null ? null : { port: Number(match[1]) };
    },
  });
  return { ...gateway, home, readyMs: performance.now() - begun };
}
