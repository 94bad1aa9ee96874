/** Of all issuers, for metrics. */
export class IssuerCounts {
  /** Times that keys were asked for. */
  reads = 0;
  /** Those of them that came to nothing, or to no key that can be used. */
  failures = 0;

  heard(trouble: string | null): void {
    this.reads++;
    if (trouble !== null) this.failures++;
  }
}
