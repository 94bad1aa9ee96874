import type { Choice, Findings } from './chosen-settings.js';

const HOST = 'spring.cloud.consul.host';
const PORT = 'spring.cloud.consul.port';
const ADDRESS = 'discovery.consul.address';

/** Spring's own defaults, where only the other of the two is set. */
const SPRING_HOST = 'localhost';
const SPRING_PORT = '8500';

/** What Spring says of Consul in two settings becomes our one, where settings of the original are read; ours wins wherever it stands. */
export function chooseConsulOfSpring({ chosen }: Choice, isOriginal: boolean, { infos }: Findings): void {
  const given = [HOST, PORT].filter((name) => chosen.has(name));
  const [first] = given;
  if (first === undefined) return;
  if (!isOriginal) {
    for (const name of given) chosen.delete(name);
    infos.push(`Settings of Spring itself have no effect here: ${given.join(', ')}`);
    return;
  }
  const text = (name: string, otherwise: string): string => String(chosen.get(name)?.value ?? '').trim() || otherwise;
  const port = text(PORT, SPRING_PORT);
  // A port that is none is a fault of its own, and need not be one of the address, too.
  if (chosen.has(ADDRESS) || !/^\d+$/.test(port)) return;
  const { source } = chosen.get(first)!;
  chosen.set(ADDRESS, { value: `${text(HOST, SPRING_HOST)}:${port}`, source, overridden: [] });
}
