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
