/** The answer to a client's question as it grows: the alias chain, what it has led to, and the shape it ends in. */
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { Finding } from '../dns/finding.js';
import type { Question } from '../dns/message.js';
import { type DomainName, nameToText } from '../dns/name.js';
import { Rcode, Type } from '../dns/numbers.js';
import type { Resolution } from '../dns/resolution.js';
import { type RRset, rrsetKey } from '../dns/rrset.js';
import { type Security, UNCHECKED } from '../dns/security.js';
import type { LocalAnswer } from '../policy/local-zone.js';
import type { Stale } from './stale.js';

/** How the reason ends that is given when an alias leads back to where it came from. */
export const IN_A_CIRCLE = 'lead in a circle';

const NO_RRSETS: readonly RRset[] = Object.freeze([]);
const NO_REASONS: readonly ExtendedError[] = Object.freeze([]);

/** The alias chain as it grows, and the name it has led to. */
export class AnswerInProgress {
  name: DomainName;
  /** Whether anything was asked for it. */
  asked = false;
  /** Whether a part of it was made from denial records. */
  synthesised = false;
  /** Whether a part of it is about to be replaced. */
  isDue = false;
  readonly #answer: RRset[] = [];
  /** Denial records that go with answers made from wildcards. */
  #proof: readonly RRset[] = NO_RRSETS;
  #because: readonly ExtendedError[] = NO_REASONS;
  /** Names of the chain but the last; most answers have no chain. */
  #seen: Set<DomainName> | undefined;
  #security: Security | undefined;
  #local = false;
  /** What a client is told of links past their TTL. */
  #stale: readonly ExtendedError[] = [];

  constructor(
    readonly question: Question,
    readonly maxAliases: number,
    /** CD, or a permissive mode: bogus data is given out. */
    readonly withBogus: boolean,
  ) {
    this.name = question.name;
  }

  /** Takes a finding for the current name; the whole answer when that ended it. */
  add(finding: Finding, security: Security): Resolution | undefined {
    this.#security = weaker(this.#security, security);
    if (security.kind === 'bogus') {
      if (!this.withBogus) return this.failed([security.ede]);
      this.#because = [...this.#because, security.ede];
    } else if (security.kind === 'insecure' && security.ede !== undefined) {
      this.#because = [...this.#because, security.ede];
    }
    switch (finding.kind) {
      case 'answer':
        this.#answer.push(finding.rrset);
        this.#addProof(finding.proof);
        return this.#done(Rcode.NOERROR, []);
      case 'alias':
        return this.question.type === Type.CNAME ? this.#endAt(finding) : this.#follow(finding);
      case 'nodata':
        return this.#done(Rcode.NOERROR, negative(finding));
      case 'nxdomain':
        return this.#nameError(finding);
      case 'too-long':
        this.#answer.push(finding.dname);
        return this.#done(Rcode.YXDOMAIN, []);
      default:
        return finding satisfies never;
    }
  }

  /**
   * Takes a finding past its TTL; the whole answer when that ended it. One link's reasons are told: the first one's, or
   * those of a stale name error, which is what the whole answer then says (RFC 8914 §4.20).
   */
  addStale({ found, because }: Stale): Resolution | undefined {
    if (this.#stale.length === 0 || found.finding.kind === 'nxdomain') this.#stale = because;
    return this.add(found.finding, found.security);
  }

  /** Takes what local policy says; the whole answer when that ended it. */
  addLocal(local: LocalAnswer): Resolution | undefined {
    this.#local = true;
    switch (local.kind) {
      case 'finding':
        return this.add(local.finding, UNCHECKED);
      case 'refused':
        return { ...this.#done(Rcode.REFUSED, []), answer: [], because: local.because };
      case 'silent':
        return { silent: true, ...this.#done(Rcode.REFUSED, []), answer: [] };
      default:
        return local satisfies never;
    }
  }

  failed(because: readonly ExtendedError[]): Resolution {
    this.#stale = [];
    return { ...this.#done(Rcode.SERVFAIL, []), answer: [], authority: [], authoritative: false, because };
  }

  #nameError(finding: Extract<Finding, { kind: 'nxdomain' }>): Resolution {
    const resolution = this.#done(Rcode.NXDOMAIN, negative(finding));
    return finding.compact ? { compact: true, ...resolution } : resolution;
  }

  /** A question for the CNAME itself, below a DNAME: the alias is the answer. */
  #endAt(alias: Extract<Finding, { kind: 'alias' }>): Resolution {
    if (alias.dname !== undefined) this.#answer.push(alias.dname);
    this.#answer.push(alias.rrset);
    return this.#done(Rcode.NOERROR, []);
  }

  #follow(alias: Extract<Finding, { kind: 'alias' }>): Resolution | undefined {
    if (alias.dname !== undefined) this.#answer.push(alias.dname);
    this.#answer.push(alias.rrset);
    this.#addProof(alias.proof);
    this.#seen ??= new Set();
    this.#seen.add(this.name);
    this.name = alias.target;
    if (this.#seen.has(this.name)) return this.failed([aliasTrouble(this.question, IN_A_CIRCLE)]);
    if (this.#seen.size > this.maxAliases) {
      return this.failed([aliasTrouble(this.question, `are more than ${this.maxAliases}`)]);
    }
    return undefined;
  }

  #addProof(proof: readonly RRset[] = NO_RRSETS): void {
    if (proof.length > 0) this.#proof = [...this.#proof, ...proof];
  }

  #done(rcode: number, authority: readonly RRset[]): Resolution {
    return {
      rcode,
      answer: this.#answer,
      authority: this.#proof.length === 0 ? authority : unique([...authority, ...this.#proof]),
      security: this.#security ?? UNCHECKED,
      because: this.#stale.length === 0 ? this.#because : [...this.#stale, ...this.#because],
      source: this.#source(),
      isDue: this.isDue,
      authoritative: this.#local && !this.asked && this.#stale.length === 0,
    };
  }

  #source(): Resolution['source'] {
    if (this.#stale.length > 0) return 'stale';
    if (this.asked) return 'network';
    if (this.#local) return 'local';
    return this.synthesised ? 'synthesised' : 'cache';
  }
}

const STRENGTH: Readonly<Record<Security['kind'], number>> = {
  bogus: 0,
  unchecked: 1,
  indeterminate: 2,
  insecure: 3,
  secure: 4,
};

function weaker(a: Security | undefined, b: Security): Security {
  return a === undefined || STRENGTH[b.kind] < STRENGTH[a.kind] ? b : a;
}

/** One proof may serve several links of a chain. */
function unique(rrsets: readonly RRset[]): RRset[] {
  return [...new Map(rrsets.map((rrset) => [rrsetKey(rrset.name, rrset.type), rrset])).values()];
}

function negative(finding: { readonly soa: RRset | undefined; readonly proof: readonly RRset[] }): RRset[] {
  return finding.soa === undefined ? [...finding.proof] : [finding.soa, ...finding.proof];
}

function aliasTrouble(question: Question, what: string): ExtendedError {
  return { code: ExtendedErrorCode.OTHER, text: `the aliases of ${nameToText(question.name)} ${what}` };
}
