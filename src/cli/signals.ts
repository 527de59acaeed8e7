/**
 * Which signals came? They are caught from the first moment of a daemon on: one that comes while it starts is kept for
 * later, and never ends it by accident, as SIGHUP does to a process that says nothing of it.
 */

export interface Signals {
  /** Resolves when SIGTERM or SIGINT came. */
  readonly stopped: Promise<NodeJS.Signals>;
  /** What SIGHUP does from now on; it is done at once when one came already. Never two at a time. */
  onHangUp(action: () => Promise<void>): void;
  /** Leaves the signals to the system again. */
  release(): void;
}

export function catchSignals(): Signals {
  let stop: (signal: NodeJS.Signals) => void = () => {};
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    stop = resolve;
  });
  const hangUps = new HangUps();
  const onHangUp = (): void => hangUps.came();
  process.on('SIGHUP', onHangUp);
  // Once: a second one ends a process that does not come to its end.
  for (const signal of ENDING) process.once(signal, stop);
  return {
    stopped,
    onHangUp: (action) => hangUps.handleWith(action),
    release: () => {
      process.off('SIGHUP', onHangUp);
      for (const signal of ENDING) process.off(signal, stop);
    },
  };
}

const ENDING = ['SIGTERM', 'SIGINT'] as const;

/** Any number that come while one is handled are handled as one, afterwards. */
class HangUps {
  #action: (() => Promise<void>) | undefined;
  #waiting = false;
  #busy = false;

  came(): void {
    this.#waiting = true;
    void this.#handle();
  }

  handleWith(action: () => Promise<void>): void {
    this.#action = action;
    void this.#handle();
  }

  async #handle(): Promise<void> {
    if (this.#busy || this.#action === undefined) return;
    this.#busy = true;
    while (this.#waiting) {
      this.#waiting = false;
      await this.#action();
    }
    this.#busy = false;
  }
}
