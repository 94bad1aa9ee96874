import type { LocalAdministration } from '../admin/local-administration.js';
import { IdentityFault } from '../contracts/identities.js';
import { Refused } from '../low-rate/refused.js';
import { toldError } from '../low-rate/told-error.js';
import { isMembers, type Members } from '../components/check/members.js';
import { WrongInput } from './control-input.js';
import type { ControlReply, ControlRoute } from './control-routes.js';

type Routes = readonly (readonly [string, Readonly<Record<string, ControlRoute>>])[];

/** Users and API keys over the control socket: `sluice user` and `sluice key`. */
export function administrationRoutes(administration: LocalAdministration): Routes {
  const does = (work: (body: Members) => Promise<unknown>) => ({ POST: telling(({ body }) => work(membersOf(body))) });
  return [
    ['/users', does((query) => administration.users(query))],
    ['/users/create', does((user) => administration.createUser(user))],
    ['/users/change', does(({ id, ...change }) => administration.changeUser(idOf(id), change))],
    ['/users/delete', does(async ({ id }) => (await administration.deleteUser(idOf(id)), {}))],
    ['/keys', does((query) => administration.keys(query))],
    ['/keys/create', does((key) => administration.createKey(key))],
    ['/keys/delete', does(async ({ id }) => (await administration.deleteKey(idOf(id)), {}))],
  ];
}

/** What the rules refuse is told as it is; whatever else goes wrong is a failure of the route. */
function telling(work: (request: Parameters<ControlRoute>[0]) => Promise<unknown>): ControlRoute {
  return async (request): Promise<ControlReply> => {
    try {
      return { status: 200, body: (await work(request)) ?? {} };
    } catch (error) {
      if (!(error instanceof Refused) && !(error instanceof IdentityFault)) throw error;
      const { status, message } = toldError(error);
      return { status, body: { error: message } };
    }
  };
}

function membersOf(body: unknown): Members {
  if (!isMembers(body)) throw new WrongInput('The body is a JSON object.');
  return body;
}

function idOf(id: unknown): string {
  if (typeof id !== 'string' || id === '') throw new WrongInput('id is a text.');
  return id;
}
