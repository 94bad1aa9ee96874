import { IdentityRunnerFactory, type IdentityFactoryOptions } from '../identity/identity-runner.factory.js';
import { GovernedKeys } from './keys/governed-keys.js';
import { DirectAdministration, type LocalAdministration } from './local-administration.js';
import { GovernedUsers } from './users/governed-users.js';

/** Administration of a database that no gateway has open, or that many have: for one command. */
export function administrationOf(
  database: IdentityFactoryOptions['database'],
  box: IdentityFactoryOptions['box'],
): LocalAdministration {
  const { identities } = new IdentityRunnerFactory({ database, box, changed: () => undefined });
  const silent = (): void => undefined;
  return new DirectAdministration({
    users: new GovernedUsers(identities, silent),
    keys: new GovernedKeys(identities, silent, Date.now),
  });
}
