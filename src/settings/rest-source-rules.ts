import type { Choice, Findings } from './chosen-settings.js';
import { shown } from './faults.js';
import { booleanFrom } from './setting-kinds.js';

/** What the settings of the REST source say together. */
export function checkRestSource({ chosen }: Choice, { faults, warnings }: Findings): void {
  const isGiven = (name: string): boolean => String(chosen.get(name)?.value ?? '').trim() !== '';
  const client = chosen.get('config.loader.clientId');

  for (const name of ['config.loader.secret', 'config.loader.tokenPath']) {
    if (!isGiven('config.loader.clientId')) {
      if (isGiven(name)) warnings.push(`${name} has no effect without config.loader.clientId`);
    } else if (!isGiven(name)) {
      const problem = `expected ${name} beside it`;
      faults.push({ property: 'config.loader.clientId', value: shown(client!.value), problem, source: client!.source });
    }
  }
  if (booleanFrom(chosen.get('config.loader.trustAll')?.value) === true) {
    warnings.push(
      'config.loader.trustAll is true: whoever answers for config.loader.baseUrl is believed, without a check',
    );
  }
  checkInstances(isGiven, chosen, { faults, warnings });
  const isRest =
    String(chosen.get('config.loader.type')?.value ?? '')
      .trim()
      .toLowerCase() === 'rest';
  if (isRest && !isGiven('config.loader.baseUrl')) {
    const { value, source } = chosen.get('config.loader.type')!;
    const problem = 'expected config.loader.baseUrl beside it';
    faults.push({ property: 'config.loader.type', value: shown(value), problem, source });
  }
  if (!isGiven('config.loader.baseUrl')) return;
  const type = String(chosen.get('config.loader.type')?.value ?? 'rest').trim();
  if (type.toLowerCase() !== 'rest') {
    warnings.push(`config.loader.baseUrl has no effect while config.loader.type is ${shown(type)}`);
  }
  if (!isGiven('gateway.id')) {
    warnings.push('gateway.id is not set while config.loader.baseUrl is: components of the gateway "default" are used');
  }
}

/** Where instances are found must be known, and what is said of them must have a use. */
function checkInstances(
  isGiven: (name: string) => boolean,
  chosen: Choice['chosen'],
  { faults, warnings }: Pick<Findings, 'faults' | 'warnings'>,
): void {
  const balanced = booleanFrom(chosen.get('config.loader.balanced')?.value);
  const isBalanced = balanced ?? isGiven('config.loader.instances');
  if (!isBalanced) {
    for (const name of ['config.loader.instances', 'config.loader.discovery', 'config.loader.health.path'])
      if (isGiven(name)) warnings.push(`${name} has no effect while config.loader.balanced is false`);
    return;
  }
  const discovery = chosen.get('config.loader.discovery');
  const kind = String(discovery?.value ?? '')
    .trim()
    .toLowerCase();
  const needed = { consul: 'discovery.consul.address', static: 'config.loader.instances' }[kind];
  // Where a Consul is may be said in the words of the original, too.
  if (needed === undefined || isGiven(needed) || (kind === 'consul' && isGiven('spring.cloud.consul.host'))) return;
  const problem = `expected ${needed} beside it`;
  faults.push({ property: 'config.loader.discovery', value: shown(kind), problem, source: discovery!.source });
}
