import { All, Controller, Inject, Req, Res, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestFamily } from '../families/request.family.js';
import type { Pipeline } from '../pipeline.js';
import { refusal } from '../stage.js';
import { exchangeOf, type EdgeRequest } from './edge-request.js';

const NOT_FOUND = refusal('NOT_FOUND');

/** What a mount point hands its requests to. */
export interface Dispatch {
  readonly pipeline: Pipeline;
  readonly family: RequestFamily;
}
export const DISPATCH = Symbol('Dispatch');

/**
 * One controller class per mount point: `api/request`, and the root for aliases. Fastify takes no routes after listen, so channels do
 * not become routes: under a mount point they come and go in the route table.
 */
export function createChannelController(mount: string): Type<unknown> {
  @Controller(mount)
  class ChannelController {
    constructor(@Inject(DISPATCH) private readonly dispatch: Dispatch) {}

    /** Sends its own reply: whatever Nest would do for one costs every request. */
    @All(['', '*'])
    handle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
      reply.hijack();
      const { pipeline, family } = this.dispatch;
      const exchange = exchangeOf(request.raw);
      // What no low-rate controller has: over the management listener no channel is served.
      if ((request.raw as EdgeRequest).cameBy === 'management') pipeline.respond(exchange, NOT_FOUND);
      else pipeline.run(exchange, family);
    }
  }
  return ChannelController;
}
