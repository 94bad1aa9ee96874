import { cpus, loadavg } from 'node:os';

/**
 * `npm run soak`: proofs at length, each with gateways of its own under load; figures as a table, and exit 1 where one
 * fails. `--only swaps-files` (also the beginning of names: `--only rolling`), `--swaps 10000`, `--rolls 10 --delay 2000 --workers 1`,
 * `--requests 1000000`, `--origins 100000`; `--json` for who reads it by program.
 */
const PROOFS = [
  ...['swaps-files', 'swaps-rest', 'swaps-database', 'killed-source', 'killed-gateway'],
  ...['rolling-nginx', 'rolling-haproxy', 'aborts', 'sessions'],
];
const option = (name, otherwise) => {
  const index = process.argv.indexOf(`--${name}`);
  return index === -1 ? otherwise : process.argv[index + 1];
};
const only = option('only', '');
const lengths = {
  swaps: Number(option('swaps', 10_000)),
  rolls: Number(option('rolls', 10)),
  delayMs: Number(option('delay', 2000)),
  workers: Number(option('workers', 1)),
  requests: Number(option('requests', 1_000_000)),
  origins: Number(option('origins', 100_000)),
};
const isJson = process.argv.includes('--json');
const say = (text) => (isJson ? undefined : console.log(text));

say(`${cpus().length} x ${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`);
const outcomes = {};
let isGood = true;
for (const name of PROOFS.filter((each) => each.startsWith(only))) {
  say(`\n${name}`);
  const outcome = await tried(name);
  outcomes[name] = outcome;
  isGood &&= outcome.complaints.length === 0;
  for (const [what, figure] of Object.entries(outcome.figures))
    say(`  ${what.padEnd(52)} ${String(figure).padStart(10)}`);
  for (const complaint of outcome.complaints) say(`  FAILED: ${complaint}`);
}
if (isJson) console.log(JSON.stringify(outcomes));
if (Object.keys(outcomes).length === 0) console.error(`There is no proof ${only}; there are ${PROOFS.join(', ')}.`);
process.exit(isGood && Object.keys(outcomes).length > 0 ? 0 : 1);

async function tried(name) {
  try {
    const { prove } = await import(`./${name}.mjs`);
    return await prove(lengths);
  } catch (error) {
    return { figures: {}, complaints: [error.stack] };
  }
}
