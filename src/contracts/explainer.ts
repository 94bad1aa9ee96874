import type { JsonObject } from './json.js';

/** A request that nobody sent. */
export interface ExplainedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ExplainedStage {
  readonly stage: string;
  readonly verdict: 'go-on' | 'refuse' | 'answer';
  /** Why, in the stage's own words and figures; holds no secret. */
  readonly detail: JsonObject;
}

/** Tells, stage by stage, what the gateway would do with a request, and why: nothing is sent, no limit is spent. */
export interface Explainer {
  explain(request: ExplainedRequest): Promise<readonly ExplainedStage[]>;
}
export const EXPLAINER = Symbol('Explainer');
