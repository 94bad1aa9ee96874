import type { Choice, Findings } from './chosen-settings.js';
import { checkBrowsers } from './check-browsers.js';
import { shown } from './faults.js';
import { booleanFrom } from './setting-kinds.js';
import { workersFrom } from './server.settings.js';
import { checkRestSource } from './rest-source-rules.js';

/** What settings say together: rules that no field can check alone. May take a value back that means nothing. */
export function checkTogether(choice: Choice, found: Findings): void {
  const { chosen } = choice;
  const { faults, warnings } = found;
  const text = (name: string): string | undefined => {
    const value = chosen.get(name)?.value;
    return typeof value === 'string' ? value.trim() : undefined;
  };

  const instance = text('id.instanceNum.class') ?? 'epoch';
  const isConstant = /(^|\.)constant(numbergenerator)?$/i.test(instance);
  if (isConstant && !text('id.instanceNum.value')) {
    const { value, source } = chosen.get('id.instanceNum.class')!;
    const problem = 'expected id.instanceNum.value beside it';
    faults.push({ property: 'id.instanceNum.class', value: shown(value), problem, source });
  } else if (isConstant) {
    warnings.push(
      'id.instanceNum.class is constant: request ids are unique for one process only, and not across restarts',
    );
  } else if (chosen.has('id.instanceNum.value')) {
    warnings.push('id.instanceNum.value has no effect unless id.instanceNum.class is constant');
  }

  checkRestSource(choice, found);
  checkBrowsers(choice, found);
  checkWorkers(choice, found);
  checkServedIdentities(choice, found);

  const management = text('server.management.port');
  if (management !== undefined && management !== '0' && management === (text('server.port') ?? '1234')) {
    chosen.delete('server.management.port');
    warnings.push('server.management.port is server.port itself: there is no second listener');
  }
}

/** Several processes cannot share an embedded database: its files belong to one. */
function checkWorkers({ chosen }: Choice, { faults }: Findings): void {
  const given = chosen.get('server.workers');
  if (given === undefined || String(chosen.get('database.url')?.value ?? '').trim() !== '') return;
  const workers = workersFrom(given.value) ?? 1;
  if (workers === 1) return;
  const problem = `comes to ${workers} processes, which share one Postgres: set database.url too, or server.workers to 1`;
  faults.push({ property: 'server.workers', value: shown(given.value), problem, source: given.source });
}

/** Who may ask for users, and make them, has to show that it may. */
function checkServedIdentities({ chosen }: Choice, { faults, warnings }: Findings): void {
  const given = chosen.get('identity.http.enabled');
  const isServed = booleanFrom(given?.value ?? 'false') === true;
  const hasToken = String(chosen.get('identity.http.token')?.value ?? '').trim() !== '';
  if (given !== undefined && isServed && !hasToken) {
    const problem = 'needs identity.http.token beside it: the secret that other gateways send';
    faults.push({ property: 'identity.http.enabled', value: shown(given.value), problem, source: given.source });
  }
  if (hasToken && !isServed) warnings.push('identity.http.token has no effect unless identity.http.enabled is true');
}
