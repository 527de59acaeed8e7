/** Records of local zones, seen and changed while the resolver runs: policy/local-records.ts, for http/. */
import type { DomainName } from '../dns/name.js';
import type { RRset } from '../dns/rrset.js';

export interface LocalRecordView {
  /** Of a removed RRset: what was there. */
  readonly rrset: RRset;
  /** The zone that answers for it; undefined: none, the records answer for their own name. */
  readonly zone: { readonly name: DomainName; readonly type: string } | undefined;
  /** `set` and `removed`: at run time. */
  readonly source: 'config' | 'built-in' | 'set' | 'removed';
  /** Why what was set has no effect; undefined: it has. */
  readonly unused: string | undefined;
}

export type LocalOutcome =
  /** `flushed`: cache entries that went with it; nobody gets them from now on, counting takes longer. */
  | { readonly kind: 'done'; readonly flushed: Promise<number> }
  | { readonly kind: 'refused'; readonly because: string }
  /** Nothing is there to be removed. */
  | { readonly kind: 'absent' };

export interface LocalRecords {
  /** Names the place where changes outlive the process; undefined: they do not. */
  readonly where: string | undefined;
  /** Records of the configuration and changes, at or below a name, in no order; those of built-in zones apart. */
  list(suffix: DomainName): Iterable<LocalRecordView>;
  /** The one RRset, of a built-in zone too. */
  at(name: DomainName, type: number): LocalRecordView | undefined;
  /** Takes the place of what is there: in the zones, the cache and whoever else keeps answers, before this returns. */
  set(rrset: RRset): LocalOutcome;
  /** Takes away what is there, in the same way. */
  remove(name: DomainName, type: number): LocalOutcome;
  /** Resolves once all changes so far are kept: undefined, or why they could not be. */
  kept(): Promise<string | undefined>;
}
