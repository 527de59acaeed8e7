/**
 * Who waits for one outcome: what a promise would be to an `await`, without the promise. HOT: a question that goes to the
 * network passes some ten stages, and what each of them made of promises and suspended functions was a good part of all
 * its garbage. The objects that hold a stage's state are its continuation; what rarely waits stays with promises.
 *
 * One of the two is called exactly once, perhaps before the function that was given the continuation returns. Whoever
 * calls from outside, a socket or a timer, catches what `resume` throws and hands it to `fail`: a mistake of ours costs
 * one question, not the process.
 */
export interface Continuation<T> {
  resume(outcome: T): void;
  /** Something was thrown that should not have been. */
  fail(error: unknown): void;
}

/** Lets a stage go on from outside of it. */
export function resumed<T>(waiting: Continuation<T>, outcome: T): void {
  try {
    waiting.resume(outcome);
  } catch (error) {
    waiting.fail(error);
  }
}

/** Lets a stage go on once a promise has been kept. */
export function resumedBy<T>(promise: Promise<T>, waiting: Continuation<T>): void {
  promise.then(
    (outcome) => resumed(waiting, outcome),
    (error: unknown) => waiting.fail(error),
  );
}

/** The outcome as a promise. What `begin` throws rejects it. */
export function promised<T>(begin: (waiting: Continuation<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => begin({ resume: resolve, fail: reject }));
}
