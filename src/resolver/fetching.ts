/**
 * HOT. One name and type from the network: what the iterator brings is judged, what is doubtful is asked of other servers,
 * and what is left is kept. Without validation nothing is judged, and nothing waited for but the iterator.
 */
import { ExtendedErrorCode } from '../dns/extended-error.js';
import type { Failure, Found } from '../dns/finding.js';
import { type DomainName, nameToText } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import { Credibility } from '../dns/provenance.js';
import type { Iterate, Iterated } from '../iterator/iterate.js';
import { type Continuation, resumedBy } from '../ports/continuation.js';
import type { LookupContext } from '../ports/lookup.js';
import type { FindingKeeper } from './finding-keeper.js';

/** Servers whose bogus answer to one question is not believed before another was asked. */
const MAX_AVOIDED = 2;
const NOBODY: ReadonlySet<string> = new Set();

export class Fetching implements Continuation<Iterated | Failure> {
  /** What was found uses up the question's checks by itself, when they do. */
  readonly #untouched: boolean;
  #avoid: Set<string> | undefined;

  constructor(
    private readonly iterate: Iterate,
    private readonly keeper: FindingKeeper,
    private readonly name: DomainName,
    private readonly type: number,
    private readonly context: LookupContext,
    private readonly waiting: Continuation<Iterated | Failure>,
  ) {
    this.#untouched = context.budget.used('signatures') + context.budget.used('nsec3Hashes') === 0;
  }

  begin(): void {
    this.iterate(this.name, this.type, this.context, this.#avoid ?? NOBODY, this);
  }

  resume(outcome: Iterated | Failure): void {
    const { context } = this;
    if (outcome.kind === 'failure') this.#failed(outcome);
    else if (!context.validate) this.#settle(outcome, outcome.found);
    else {
      const judged = this.keeper.judge(this.name, this.type, outcome.found, context);
      resumedBy(judged, { resume: (found) => this.#settle(outcome, found), fail: (error) => this.fail(error) });
    }
  }

  fail(error: unknown): void {
    this.waiting.fail(error);
  }

  #settle(outcome: Iterated, judged: Found): void {
    const { keeper, name, type, context } = this;
    const found = this.#untouched ? keeper.blamed(judged, context) : judged;
    const iterated = found === outcome.found ? outcome : { ...outcome, found };
    if (isPassing(iterated)) {
      this.waiting.resume(iterated);
      return;
    }
    const { server } = found.provenance;
    // RFC 4035 §4.7 and field practice: one server's bad data is not the zone's, others are asked before it is believed.
    const baseless = !outcome.recursive && isBaseless(found, type);
    const doubted = baseless || (found.security.kind === 'bogus' && !keeper.checksSpent(context));
    if (doubted && this.#mayAvoid(server)) this.begin();
    else if (baseless) this.waiting.resume(this.#rejected(server));
    else {
      keeper.store(name, type, found, context);
      this.waiting.resume(iterated);
    }
  }

  /** Whether others are asked before that server is believed; noted if so. */
  #mayAvoid(server: string): boolean {
    this.#avoid ??= new Set();
    if (this.#avoid.size >= MAX_AVOIDED || this.#avoid.has(server)) return false;
    this.#avoid.add(server);
    return true;
  }

  #failed(failure: Failure): void {
    const { keeper, name, type, context } = this;
    if (type !== Type.DS || !context.validate) {
      this.#endIn(failure);
      return;
    }
    // Better the referral's word, without SOA, than none.
    resumedBy(keeper.dsFromReferral(name, context), {
      resume: (told) => (told === undefined ? this.#endIn(failure) : this.waiting.resume(told)),
      fail: (error) => this.fail(error),
    });
  }

  #endIn(failure: Failure): void {
    if (failure.cacheable) this.keeper.storeFailure(this.name, this.type, failure.because, this.context);
    this.waiting.resume(failure);
  }

  #rejected(server: string): Failure {
    const { keeper, name, type } = this;
    const question = `${nameToText(name)} ${typeToText(type)}`;
    const text = `${server} has no authority over ${question} and no proof that there is none`;
    const because = [{ code: ExtendedErrorCode.NOT_AUTHORITATIVE, text }];
    keeper.storeFailure(name, type, because, this.context);
    return { kind: 'failure', because, cacheable: true };
  }
}

/** Whether the question, not what it is about, is to blame: nothing to remember, and worth another try by another. */
export function isPassing(outcome: Iterated | Failure): boolean {
  if (outcome.kind === 'failure') return !outcome.cacheable;
  const { security } = outcome.found;
  return security.kind === 'bogus' && security.passing === true;
}

/**
 * A denial without SOA from a server without authority (no AA) rests on its proof alone (RFC 2308 §2.2, RFC 2181
 * §5.4.1); in a zone where nothing is proved it rests on nothing. DS is the parent's, whose word may be in a referral.
 */
function isBaseless({ finding, security, provenance }: Found, type: number): boolean {
  return (
    type !== Type.DS &&
    finding.kind === 'nodata' &&
    finding.soa === undefined &&
    finding.proof.length > 0 &&
    provenance.credibility < Credibility.authorityAuthoritative &&
    (security.kind === 'insecure' || security.kind === 'indeterminate')
  );
}
