import {
  type ArgumentMetadata,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  type PipeTransform,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { EDGE_VIEW, type EdgeView } from '../../contracts/edge-view.js';
import { checkedInput } from './checked-input.js';

/** More than anything that is sent here has. */
export const MOST_BODY_BYTES = 65_536;

const request = createParamDecorator((_: unknown, context: ExecutionContext) =>
  context.switchToHttp().getRequest<FastifyRequest>(),
);

/** Reads the body after the guards: nobody makes us read what is refused. Nest's own way would read it before them. */
@Injectable()
export class JsonBodyPipe implements PipeTransform<FastifyRequest, Promise<object>> {
  constructor(@Inject(EDGE_VIEW) private readonly edge: EdgeView) {}

  async transform({ raw }: FastifyRequest, { metatype }: ArgumentMetadata): Promise<object> {
    const value = await this.edge.readJson(raw, MOST_BODY_BYTES);
    return checkedInput(metatype as new () => object, value);
  }
}

@Injectable()
export class QueryPipe implements PipeTransform<FastifyRequest, object> {
  transform({ query }: FastifyRequest, { metatype }: ArgumentMetadata): object {
    return checkedInput(metatype as new () => object, { ...(query as object) });
  }
}

/** The JSON body, checked by the class of the parameter. */
export const JsonBody = (): ParameterDecorator => request(JsonBodyPipe);
/** The query, checked by the class of the parameter. */
export const CheckedQuery = (): ParameterDecorator => request(QueryPipe);
