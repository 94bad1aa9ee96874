import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Server } from 'node:http';

/** Nest's way to a server of the edge. */
export function fastifyAdapter(server: Server) {
  const adapter = new FastifyAdapter({
    serverFactory: () => server,
    // The edge answers these itself.
    clientErrorHandler: () => undefined,
    skipMiddie: true,
    // The edge bounds targets. Past the router's own 100 characters an id would be a path that is not there.
    routerOptions: { maxParamLength: 1_048_576 },
  } as ConstructorParameters<typeof FastifyAdapter>[0]);
  // Whoever needs a body reads it: the pipeline streams it, or holds it within its own bounds.
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    adapter.getInstance().addHttpMethod(method, { hasBody: false, overrideExisting: true });
  }
  return adapter;
}
