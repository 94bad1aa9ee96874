import { All, Controller, Inject, Req, Res, type Type, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LowRate } from '../low-rate/low-rate.js';
import { Refused } from '../low-rate/refused.js';
import { DoorGuard } from './access/door.guard.js';
import { ServedPaths } from './served-paths.js';

export interface Mount {
  readonly mount: string;
  /** Methods that its own path has not, where it has others: the wildcard is of what is below. */
  readonly unserved?: readonly (() => MethodDecorator)[];
}

/**
 * What no other controller of a mount has: 405 for a path that is there, 404 for all others. Without it such a request would come to the
 * root mount, which knows aliases alone.
 */
export function fallbackController({ mount, unserved = [] }: Mount): Type<unknown> {
  @Controller(mount)
  @LowRate()
  @UseGuards(DoorGuard)
  @ApiExcludeController()
  class FallbackController {
    constructor(@Inject(ServedPaths) private readonly paths: ServedPaths) {}

    @All('*')
    handle(@Req() { url, method }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): undefined {
      const allowed = this.paths.methodsOf(url.split('?', 1)[0]!);
      if (allowed.length === 0) throw new Refused('NOT_FOUND');
      const allow = allowed.join(', ');
      if (method !== 'OPTIONS') throw new Refused('METHOD_NOT_ALLOWED', { headers: ['Allow', allow] });
      reply.code(204).header('Allow', allow);
      return undefined;
    }
  }
  for (const [index, method] of unserved.entries()) addHandler(FallbackController, method, `unserved${index}`);
  return FallbackController;
}

/** As the decorators above would. */
function addHandler(controller: Type<{ handle: Handler }>, method: () => MethodDecorator, name: string): void {
  const { prototype } = controller as { prototype: { handle: Handler } & Record<string, unknown> };
  const value: Handler = function (this: { handle: Handler }, request, reply) {
    return this.handle(request, reply);
  };
  Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  Reflect.defineMetadata('design:paramtypes', [Object, Object], prototype, name);
  Req()(prototype, name, 0);
  Res({ passthrough: true })(prototype, name, 1);
  method()(prototype, name, Object.getOwnPropertyDescriptor(prototype, name)!);
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => undefined;
