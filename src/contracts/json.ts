/** A parsed JSON value. Numbers lose their spelling here: where they must not, JSON travels as text. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}
