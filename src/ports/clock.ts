/** Time as a parameter. Monotonic time ages caches and times out exchanges; wall time judges signatures and is shown. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Milliseconds since 1970 (UTC). */
  wall(): number;
  /** Runs `action` once after `delay` ms unless cancelled first. */
  schedule(delay: number, action: () => void): Cancel;
}

export type Cancel = () => void;
