/** A promise that is waited for no longer than so much. */
import type { Clock } from '../ports/clock.js';

export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'late' };

/** Never rejects. `ms` milliseconds; what comes later is ignored, and told to `late` if that is given. */
export function within<T>(
  clock: Clock,
  ms: number,
  promise: Promise<T>,
  late?: (value: T) => void,
): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    let isOver = false;
    // In two steps: after a pause of this process timers run before what has arrived meanwhile is read.
    let cancel = clock.schedule(ms - 1, () => {
      cancel = clock.schedule(1, () => {
        isOver = true;
        resolve({ kind: 'late' });
      });
    });
    promise.then(
      (value) => {
        cancel();
        if (isOver) late?.(value);
        else resolve({ kind: 'done', value });
      },
      (error: unknown) => {
        cancel();
        resolve({ kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) });
      },
    );
  });
}
