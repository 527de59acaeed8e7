/** The one exception decoding may throw: octets that are no DNS message, and where they stop being one. */
export class WireError extends Error {
  /** `offset`: octets from the start of the message to what could not be read. */
  constructor(
    reason: string,
    readonly offset: number,
  ) {
    super(`${reason} (at octet ${offset})`);
    this.name = 'WireError';
  }
}
