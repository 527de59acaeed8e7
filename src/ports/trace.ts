/** Every step is an event. A sink may be nothing (then a step costs one comparison), a printer, or a recorder. */
import type { Security } from '../dns/security.js';
import type { StaleReason, SynthesisedKind } from './inspection.js';

export type TraceEvent =
  | { readonly kind: 'question'; readonly name: string; readonly type: string }
  | { readonly kind: 'cache'; readonly name: string; readonly type: string; readonly found: string }
  /** Nobody sent it: made from denial records of the cache, `from` names them (RFC 8198). */
  | {
      readonly kind: 'synthesised';
      readonly name: string;
      readonly type: string;
      readonly as: SynthesisedKind;
      readonly from: readonly string[];
    }
  /** Given out past its TTL (RFC 8767), which has been over for `overdue` seconds. */
  | {
      readonly kind: 'stale';
      readonly name: string;
      readonly type: string;
      readonly reason: StaleReason;
      readonly overdue: number;
    }
  | { readonly kind: 'policy'; readonly zone: string; readonly action: string }
  | { readonly kind: 'delegation'; readonly zone: string; readonly servers: readonly string[]; readonly from: string }
  | {
      readonly kind: 'server';
      readonly zone: string;
      readonly chosen: string;
      readonly rttMs: number;
      readonly passedOver: readonly string[];
    }
  | {
      readonly kind: 'query';
      readonly server: string;
      readonly name: string;
      readonly type: string;
      readonly transport: string;
      readonly minimised: boolean;
    }
  | { readonly kind: 'reply'; readonly server: string; readonly outcome: string; readonly ms: number }
  | { readonly kind: 'dropped'; readonly rrset: string; readonly because: string }
  | { readonly kind: 'step'; readonly step: string; readonly detail: string }
  | { readonly kind: 'lookup'; readonly name: string; readonly type: string; readonly because: string }
  | { readonly kind: 'security'; readonly name: string; readonly verdict: Security['kind']; readonly because: string }
  | { readonly kind: 'budget'; readonly bound: string }
  | { readonly kind: 'failure'; readonly because: string };

/** undefined: nobody listens. Callers write `trace?.({...})`, so no event object is made for nobody. */
export type Trace = ((event: TraceEvent) => void) | undefined;
