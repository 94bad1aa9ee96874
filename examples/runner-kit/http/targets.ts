import { RunnerError } from '../errors.js';

/** Segments of the paths below which a runner serves over HTTP. */
export interface Targets {
  readonly rpc: readonly string[];
  readonly crud: readonly string[];
}

export function readTarget(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '');
}

/** Segments of a URL's path, decoded. @throws RunnerError for bad escapes. */
export function decodeSegments(path: string): readonly string[] {
  try {
    return readTarget(path).map(decodeURIComponent);
  } catch (error) {
    throw new RunnerError(400, 'The path has a bad percent-encoding.', { cause: error });
  }
}

/** What stands below the target, null elsewhere. */
export function below(target: readonly string[], segments: readonly string[]): readonly string[] | null {
  return target.every((segment, index) => segments[index] === segment) ? segments.slice(target.length) : null;
}
