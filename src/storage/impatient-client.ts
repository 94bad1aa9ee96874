import pg from 'pg';

const TIMED_OUT = 'Query read timeout';

/**
 * A connection of the pool that is given up once it let a query wait too long. The pool would hand it out again, and a host that went
 * without a word would hold every query up until the kernel finds out, a quarter of an hour later.
 */
export class ImpatientClient extends pg.Client {
  override query = ((...given: unknown[]): unknown => {
    const { query } = pg.Client.prototype as { readonly query: (this: pg.Client, ...given: unknown[]) => unknown };
    const asked = query.apply(this, given);
    if (asked instanceof Promise) {
      asked.catch((error: Error) => {
        if (error.message === TIMED_OUT) this.connection.stream.destroy();
      });
    }
    return asked;
  }) as pg.Client['query'];
}
