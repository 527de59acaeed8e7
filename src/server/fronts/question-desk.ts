/**
 * The brain's answers to what fronts pass on: as if each question had come to this thread, but that the reply leaves
 * through the listener it came to, and lies ready, if it may, with the front that asked.
 */
import type { Clock } from '../../ports/clock.js';
import type { Batch } from '../batched-udp-listener.js';
import type { ClientRequest, Later, Reply } from '../client-request.js';
import { mayLieReady, type ReadyKeeper } from '../ready-answers.js';
import { TurnShare } from '../turn-share.js';
import type { CrossedQuestion } from './crossing.js';
import type { FrontedUdpListener } from './fronted-udp-listener.js';
import type { Link } from './link.js';

export interface QuestionDeskParts {
  readonly batch: Batch;
  readonly clock: Pick<Clock, 'now'>;
  /** Answers a question for which nothing lay ready; never throws. */
  readonly handle: (request: ClientRequest, later: Later, ready: ReadyKeeper) => Reply | 'later';
}

/** More than a queue ever holds. */
const ALL = 8192;

export class QuestionDesk {
  /** By place. What was asked at one that is no more is dropped. */
  readonly listeners = new Map<number, FrontedUdpListener>();
  readonly #asked = new Asked();

  constructor(private readonly parts: QuestionDeskParts) {}

  /**
   * Answers the questions of a front until its thread is no more. Told that there are some, the brain looks again at
   * the end of each turn of its event loop for as long as it finds some; only then does it want to be told again, which
   * costs more than the look.
   */
  async serve(link: Link): Promise<void> {
    const share = new TurnShare(this.parts.clock);
    while (!link.hasEnded) {
      await link.questions();
      for (let drained = this.#turn(link, share); drained > 0; drained = this.#turn(link, share)) {
        await new Promise(setImmediate);
      }
    }
  }

  #turn(link: Link, share: TurnShare): number {
    share.begin(this.parts.clock.now());
    const drained = this.drain(link, share);
    share.end(!share.allows(drained));
    return drained;
  }

  /** Answers what is in the queue, or as much of it as this turn allows; how many questions those were. */
  drain(link: Link, share?: TurnShare): number {
    let last: FrontedUdpListener | undefined;
    let count = 0;
    for (; count < ALL && (share?.allows(count) ?? true); count++) {
      const question = link.take();
      if (question === undefined) break;
      const listener = this.listeners.get(question.place);
      if (listener !== last) last?.send();
      last = listener;
      if (listener !== undefined) this.#answer(question, listener, link);
    }
    last?.send();
    return count;
  }

  #answer(question: CrossedQuestion, listener: FrontedUdpListener, link: Link): void {
    const { octets, arrived, name } = question;
    const address = this.parts.batch.clients.textAt(name, 0);
    const port = name.readUInt16BE(2);
    this.#asked.turnTo(link, question.uncounted);
    const { destination } = question;
    const client = { address, port, name, destination };
    const request = { octets, transport: 'udp', address, port, arrived } as const;
    const reply = this.parts.handle(request, listener.later(client), this.#asked);
    if (reply !== undefined) listener.answer(reply, client);
  }
}

/** What is ready for a question that a front passed on: nothing, or it would not have. What is made of it goes there. */
class Asked implements ReadyKeeper {
  #link: Link | undefined;
  #uncounted = 0;

  /** The next question is from there. */
  turnTo(link: Link, uncounted: number): void {
    this.#link = link;
    this.#uncounted = uncounted;
  }

  find(): number {
    return 0;
  }

  write(): void {}

  takeHits(): number {
    return this.#uncounted;
  }

  offer(...[query, resolution, reply, maxOctets]: Parameters<ReadyKeeper['offer']>): void {
    if (mayLieReady(resolution, reply, maxOctets)) this.#link?.offer(query, reply);
  }
}
