export const LOG = Symbol('ProcessLog');
export const METRICS = Symbol('Metrics');
