/** How the presentation layer says that text, or RDATA about to be shown, is not what it should be. */

/** A line for people; a word of a million characters, quoted in full, would not be one. */
const MAX_REASON = 300;

export class PresentationError extends Error {
  /** A sentence for people: what was expected and what stood there instead. At most 300 characters and an ellipsis. */
  readonly reason: string;

  constructor(reason: string) {
    const short = reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON)}...` : reason;
    super(short);
    this.name = 'PresentationError';
    this.reason = short;
  }
}
