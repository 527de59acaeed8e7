/**
 * Why is the answer to a question what it is? The alias chain as a client would get it from local zones and the cache,
 * each name with its chain of trust, and the whole in a sentence with what would mend it.
 */
import type { ExtendedError } from '../dns/extended-error.js';
import type { Failure, Found } from '../dns/finding.js';
import type { Question } from '../dns/message.js';
import { type DomainName, nameFromText, nameToText } from '../dns/name.js';
import { Rcode, rcodeToText, typeFromText, typeToText } from '../dns/numbers.js';
import type { Resolution } from '../dns/resolution.js';
import type { LocalZones } from '../policy/local-zones.js';
import type { ExplainedZone, Explanation } from '../ports/explanation.js';
import { Algorithms } from '../validator/algorithms.js';
import { Explainer } from '../validator/explain.js';
import { ExplainBudget } from '../validator/explain-budget.js';
import type { ExplainSources, TrustTerms } from '../validator/explain-terms.js';
import { AnswerInProgress } from './answer-in-progress.js';
import { type FlightRecorder, reasonsOf } from './flight-recorder.js';
import type { Stale } from './stale.js';
import { remedyFor, summaryOf } from './why-words.js';

export interface WhyParts extends ExplainSources {
  readonly localZones: Pick<LocalZones, 'answer'>;
  /** What the validator judges by now; undefined while validation is off. */
  readonly trust: () => TrustTerms | undefined;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  readonly maxAliases: number;
  /** Bogus data is given out (dnssec.mode permissive). */
  readonly permissive: boolean;
  readonly recorder: FlightRecorder;
  /** What clients are given past its TTL while a failure, `why`, is remembered; not counted. */
  readonly stale: (name: DomainName, type: number, why: readonly ExtendedError[]) => Stale | undefined;
}

/** Rounds of fetching what the cache lacks of a chain, and links fetched in one: each finds the next zone up or down. */
const MAX_ROUNDS = 3;
const MAX_FETCHED = 8;

/** As explainKnown; what is not known is resolved first, links of the chain that the cache no longer holds too. */
export async function explainResolved(
  question: Question,
  parts: WhyParts,
  resolve: (question: Question) => Promise<Resolution>,
  answered?: Resolution,
): Promise<Explanation> {
  let explanation = explainKnown(question, parts, answered);
  // An answer with TTL 0, or a failure that is nobody's but this question's, is not kept: it is told all the same.
  const fresh = explanation.rcode === null ? await resolve(question) : answered;
  if (fresh !== answered) explanation = explainKnown(question, parts, fresh);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const missing = missingLinks(explanation.zones, question.class).slice(0, MAX_FETCHED);
    if (missing.length === 0) break;
    await Promise.all(missing.map(resolve));
    explanation = explainKnown(question, parts, fresh);
  }
  return explanation;
}

/** From what is known. @param fresh what the question was answered with just now, for when nothing of it was kept */
export function explainKnown(question: Question, parts: WhyParts, fresh?: Resolution): Explanation {
  const trust = parts.trust() ?? withoutValidation(parts.wall());
  const explainer = new Explainer({ ...parts, ...trust, budget: new ExplainBudget() });
  const resolution = followed(question, parts, explainer, fresh) ?? fresh;
  const told = {
    question: { name: nameToText(question.name), type: typeToText(question.type) },
    judgedAt: new Date(trust.now * 1000).toISOString().replace('.000', ''),
    rcode: resolution === undefined ? null : rcodeToText(resolution.rcode),
    verdict: resolution?.security.kind ?? null,
    because: resolution === undefined ? [] : reasonsOf(resolution),
    zones: explainer.zones.map((zone) => zone.plain()),
    recorded: parts.recorder.recent(question.name),
  };
  return { ...told, summary: summaryOf(told), remedy: remedyFor(told) };
}

/** Follows the aliases and has every name explained; undefined when one of them is not known. */
function followed(
  question: Question,
  parts: WhyParts,
  explainer: Explainer,
  fresh: Resolution | undefined,
): Resolution | undefined {
  const answer = new AnswerInProgress(question, parts.maxAliases, parts.permissive);
  const { type } = question;
  // Ends: the answer in progress bounds its aliases.
  for (let step = 1; ; step++) {
    const { name } = answer;
    const local = parts.localZones.answer(name, type);
    if (local !== undefined) {
      explainer.addLocal(step, name, type, local.zone, local.kind === 'finding' ? local.finding : undefined);
      const done = answer.addLocal(local);
      if (done !== undefined) return done;
      continue;
    }
    const known = parts.known(name, type);
    // While a failure is remembered, clients are given what was known before it (RFC 8767), if anything was.
    const stale = known?.kind === 'failure' ? parts.stale(name, type, known.because) : undefined;
    explainer.add(step, name, type, stale?.found ?? known ?? (fresh && lackOf(fresh)));
    if (known === undefined) return undefined;
    const done = stale === undefined ? taken(answer, known) : answer.addStale(stale);
    if (done !== undefined) return done;
  }
}

function taken(answer: AnswerInProgress, known: Found | Failure): Resolution | undefined {
  return known.kind === 'failure' ? answer.failed(known.because) : answer.add(known.finding, known.security);
}

/** What a resolution that left nothing in the cache came to: a failure, or an answer with TTL 0. */
function lackOf({ rcode, because }: Resolution): Failure | 'unkept' {
  return rcode === Rcode.SERVFAIL ? { kind: 'failure', because, cacheable: false } : 'unkept';
}

function withoutValidation(wall: number): TrustTerms {
  const now = Math.floor(wall / 1000);
  return { anchors: undefined, algorithms: new Algorithms([]), nsec3MaxIterations: 0, now, wall };
}

/** DS and DNSKEY that the chain needs and the cache lacks. */
function missingLinks(zones: readonly ExplainedZone[], questionClass: number): Question[] {
  return zones.flatMap((zone) => {
    const here = zone.links
      .filter((link) => link.kind === 'gone')
      .map(({ name, type }) => ({ name: nameFromText(name), type: typeFromText(type)!, class: questionClass }));
    return [...here, ...missingLinks(zone.below, questionClass)];
  });
}
