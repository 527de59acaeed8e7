/**
 * Which resolutions went wrong lately, came to stale data, or took long? A few of them, by question, for those who ask after the fact.
 *
 * It looks at a resolution once it has ended and costs the others a comparison. The same question again is counted, not
 * kept twice: one broken name, asked for all day, does not push the others out. No client is written down.
 */
import { extendedErrorName } from '../dns/extended-error.js';
import { type Question, questionKey } from '../dns/message.js';
import { type DomainName, nameToText } from '../dns/name.js';
import { Rcode, rcodeToText, typeToText } from '../dns/numbers.js';
import type { Resolution } from '../dns/resolution.js';
import type { ExplainedReason, RecordedResolution } from '../ports/explanation.js';

/** Milliseconds from which a resolution is worth a look though it succeeded: people notice a second. */
const SLOW_MS = 1000;
/** Extended errors kept of one. */
const MAX_REASONS = 8;

/** What a resolution from the network came to. */
export interface Flown {
  readonly question: Question;
  readonly resolution: Resolution;
  readonly ms: number;
  readonly exchanges: number;
}

interface Recorded extends Flown {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly times: number;
}

export class FlightRecorder {
  /** By question, the longest untouched first. */
  readonly #recorded = new Map<string, Recorded>();

  /** @param wall milliseconds since 1970; @param capacity questions kept: limits.resolutionsRecorded */
  constructor(
    readonly wall: () => number,
    readonly capacity: () => number,
  ) {}

  landed(flown: Flown): void {
    const { question, resolution, ms } = flown;
    const failed = resolution.rcode === Rcode.SERVFAIL || resolution.security.kind === 'bogus';
    if (!failed && resolution.source !== 'stale' && ms < SLOW_MS) return;
    const key = questionKey(question.name, question.type);
    const times = (this.#recorded.get(key)?.times ?? 0) + 1;
    this.#recorded.delete(key);
    this.#recorded.set(key, { ...flown, at: this.wall(), times });
    for (const oldest of this.#recorded.keys()) {
      if (this.#recorded.size <= this.capacity()) break;
      this.#recorded.delete(oldest);
    }
  }

  /** The latest first; of one name, when it is given. */
  recent(name?: DomainName): RecordedResolution[] {
    const wanted = [...this.#recorded.values()].filter(({ question }) => name === undefined || question.name === name);
    return wanted.reverse().map(view);
  }
}

function view({ question, resolution, at, times, ms, exchanges }: Recorded): RecordedResolution {
  return {
    name: nameToText(question.name),
    type: typeToText(question.type),
    at: new Date(at).toISOString(),
    times,
    rcode: rcodeToText(resolution.rcode),
    verdict: resolution.security.kind,
    ms: Math.round(ms),
    exchanges,
    because: reasonsOf(resolution),
  };
}

/** Extended errors with their names, as many as are kept. */
export function reasonsOf({ because }: Pick<Resolution, 'because'>): ExplainedReason[] {
  return because.slice(0, MAX_REASONS).map(({ code, text }) => ({ code, name: extendedErrorName(code), text }));
}
