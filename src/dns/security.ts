/** What validation says of data (RFC 4033 §5). `unchecked` is what data has while validation is off or not yet done. */
import type { ExtendedError } from './extended-error.js';

export type Security =
  | { readonly kind: 'unchecked' }
  | { readonly kind: 'indeterminate' }
  /** `ede`: why, where that is worth telling (RFC 8914 §4.28: NSEC3 iterations; RFC 7646: a negative trust anchor). */
  | { readonly kind: 'insecure'; readonly ede?: ExtendedError }
  | { readonly kind: 'secure' }
  /** `passing`: not the data's fault, the question ran out of means to find out; nothing to remember for others. */
  | { readonly kind: 'bogus'; readonly because: string; readonly ede: ExtendedError; readonly passing?: true };

export const UNCHECKED: Security = { kind: 'unchecked' };
