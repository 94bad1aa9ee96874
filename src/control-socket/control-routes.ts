import type { LocalAdministration } from '../admin/local-administration.js';
import { administrationRoutes } from './administration-routes.js';
import type { ComponentEdits, RecordChange } from '../components/database/component-edits.js';
import type { Log } from '../components/load-log.js';
import type { ComponentControl } from '../contracts/component-control.js';
import { applyInput, refreshInput, showInput } from './control-input.js';

/** A request as the routes see it. */
export interface ControlRequest {
  readonly query: URLSearchParams;
  /** Parsed; of POST only. */
  readonly body: unknown;
}

export interface ControlReply {
  readonly status: number;
  readonly body: unknown;
}

/** @throws WrongInput, and what keeps it from being done */
export type ControlRoute = (request: ControlRequest) => Promise<ControlReply> | ControlReply;

export interface RouteParts {
  readonly control: ComponentControl;
  readonly edits: ComponentEdits;
  readonly gatewayId: string | null;
  readonly log: Log;
  /** Null: this process has no users. */
  readonly administration: LocalAdministration | null;
}

/** By path, then by method. */
export type ControlRoutes = ReadonlyMap<string, Readonly<Record<string, ControlRoute>>>;

/** What the control socket can be asked for. */
export function controlRoutes({ control, edits, gatewayId, log, administration }: RouteParts): ControlRoutes {
  const startedAt = new Date().toISOString();
  return new Map<string, Readonly<Record<string, ControlRoute>>>([
    ['/status', { GET: () => ok({ pid: process.pid, gateway: gatewayId, startedAt }) }],
    ['/refresh', { POST: async ({ body }) => ok(await control.refresh(refreshInput(body))) }],
    [
      '/show',
      {
        GET: ({ query }) => {
          const { component, id } = showInput(query);
          const shown = control.show(component, id);
          return shown === null ? { status: 404, body: { error: `There is no ${component} ${id}.` } } : ok(shown);
        },
      },
    ],
    [
      '/apply',
      {
        POST: async ({ body }) => {
          const { records, options } = applyInput(body);
          const outcome = await edits.apply(records, options);
          if (options.dryRun !== true && outcome.state === 'done' && outcome.changes.length > 0) {
            logChanges(outcome.changes, log);
            await bringIntoForce(control, log);
          }
          return ok(outcome);
        },
      },
    ],
    ['/dump', { GET: async () => ok(await edits.dump()) }],
    [
      '/reencrypt',
      {
        POST: async () => {
          const records = await edits.reencrypt();
          log('info', 'Secrets are encrypted anew.', { records });
          return ok({ records });
        },
      },
    ],
    ...(administration === null ? [] : administrationRoutes(administration)),
  ]);
}

const ok = (body: unknown): ControlReply => ({ status: 200, body });

function logChanges(changes: readonly RecordChange[], log: Log): void {
  const count = (wanted: string): number => changes.filter(({ change }) => change === wanted).length;
  const counts = { added: count('added'), changed: count('changed'), removed: count('removed') };
  log('info', 'Components in the database were changed over the control socket.', counts);
}

/** So that what the command has brought in serves when it ends. It is stored, whatever becomes of this: the loader tries again by itself. */
async function bringIntoForce(control: ComponentControl, log: Log): Promise<void> {
  try {
    await control.refresh();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log('warn', 'Components that were changed over the control socket are not in force yet.', { reason });
  }
}
