/** The place in Consul's history that a blocking query waits at (developer.hashicorp.com/consul/api-docs/features/blocking). */
export class ConsulIndex {
  /** Zero: answer at once. Unsigned 64 bits, beyond what a number holds. */
  private last = 0n;

  /** As a query says it. */
  get text(): string {
    return this.last.toString();
  }

  reset(): void {
    this.last = 0n;
  }

  /** Takes the X-Consul-Index of an answer. One that went back, or is none, begins anew: a server has lost its state, or another answers. */
  take(header: string): void {
    const index = /^\d{1,20}$/.test(header) ? BigInt(header) : 0n;
    this.last = index < this.last ? 0n : index;
  }
}
