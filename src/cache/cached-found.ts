/** A finding as it lies in the cache; its verdict and origin are unpacked only when somebody asks. */
import type { Finding, Found } from '../dns/finding.js';
import type { DomainName } from '../dns/name.js';
import type { Provenance } from '../dns/provenance.js';
import type { Security } from '../dns/security.js';
import type { Entry } from './entry.js';
import { unpackProvenance, unpackSecurity } from './pack.js';

export class CachedFound implements Found {
  readonly kind = 'found';
  /** A client's hit on an entry in use whose time is nearly over: worth fetching again ahead of that. */
  isDue = false;

  constructor(
    readonly finding: Finding,
    readonly entry: Entry,
    /** The name the entry is for: an ancestor of the one asked for, with a DNAME or a name error above it. */
    readonly owner: DomainName,
  ) {}

  get security(): Security {
    return unpackSecurity(this.entry.packed);
  }

  get provenance(): Provenance {
    return unpackProvenance(this.entry.packed);
  }
}
