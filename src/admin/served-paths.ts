import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';

interface Served {
  readonly segments: readonly string[];
  readonly method: string;
}

/** Which methods each path of some controllers has, as their decorators say. */
export class ServedPaths {
  private readonly served: readonly Served[];

  constructor(controllers: readonly Type<unknown>[]) {
    this.served = controllers.flatMap(servedBy);
  }

  /** HEAD with GET. Empty: there is no such path. @param path as it came, without the query */
  methodsOf(path: string): readonly string[] {
    const segments = segmentsOf(path);
    const methods = this.served.filter((each) => fits(each.segments, segments)).map(({ method }) => method);
    const all = methods.includes('GET') ? [...methods, 'HEAD'] : methods;
    return [...new Set(all)].sort();
  }
}

const segmentsOf = (path: string): readonly string[] => path.split('/').filter((segment) => segment !== '');

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => part.startsWith(':') || part === segments[index])
  );
}

function servedBy(controller: Type<unknown>): readonly Served[] {
  const mount = Reflect.getMetadata(PATH_METADATA, controller) as string;
  const prototype = controller.prototype as Readonly<Record<string, unknown>>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (typeof handler !== 'function' || name === 'constructor') return [];
    const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
    if (method === undefined) return [];
    const path = Reflect.getMetadata(PATH_METADATA, handler) as string;
    return [{ segments: segmentsOf(`${mount}/${path}`), method: RequestMethod[method] }];
  });
}
