/** How the presentation layer says that text, or RDATA about to be shown, is not what it should be. */

/** `reason` is a sentence for people: what was expected and what stood there instead. */
export class PresentationError extends Error {
  constructor(readonly reason: string) {
    super(reason);
    this.name = 'PresentationError';
  }
}
