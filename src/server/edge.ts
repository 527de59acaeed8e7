/** What does the life of a request need besides the request? One object, shared by all listeners of a server. */
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Notified } from '../ports/notify.js';
import type { Random } from '../ports/random.js';
import type { Resolver } from '../ports/resolver.js';
import { AccessList } from './access.js';
import { WaitingQuestions } from './given-up.js';
import { InFlight } from './in-flight.js';
import type { QueryStatsRecorder } from './query-stats.js';
import { ReadyAnswers } from './ready-answers.js';
import type { ServerSettings } from './settings.js';

export interface EdgeParts {
  readonly resolver: Resolver;
  readonly settings: ServerSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly stats: QueryStatsRecorder;
  readonly random: Random;
  /** Octets of the answer cache; none without. */
  readonly answerOctets?: number;
  /** Told of zones that have changed; without it nobody may notify. */
  readonly notified?: Notified | undefined;
}

export class Edge {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly log: Log;
  readonly stats: QueryStatsRecorder;
  readonly random: Random;
  readonly notified: Notified | undefined;
  readonly inFlight = new InFlight();
  readonly ready: ReadyAnswers;
  readonly waiting = new WaitingQuestions();
  #settings: ServerSettings;
  #access: AccessList;

  /** Throws RangeError when a prefix of the settings is none. */
  constructor(parts: EdgeParts) {
    this.resolver = parts.resolver;
    this.clock = parts.clock;
    this.log = parts.log;
    this.stats = parts.stats;
    this.random = parts.random;
    this.notified = parts.notified;
    this.#settings = parts.settings;
    this.#access = accessOf(parts.settings);
    this.ready = new ReadyAnswers({ clock: parts.clock, stats: parts.stats, octets: parts.answerOctets ?? 0 });
  }

  get settings(): ServerSettings {
    return this.#settings;
  }

  get access(): AccessList {
    return this.#access;
  }

  /** Governs all requests from now on; those waiting keep their places. Throws RangeError and changes nothing. */
  reconfigure(settings: ServerSettings): void {
    this.#access = accessOf(settings);
    this.#settings = settings;
    this.ready.clear();
  }
}

function accessOf(settings: ServerSettings): AccessList {
  return new AccessList(settings);
}
