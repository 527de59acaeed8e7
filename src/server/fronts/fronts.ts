/**
 * The front threads of a server, as the brain sees them. Each reads sockets of its own, answers what lies ready and
 * passes the rest here; here it is answered as if it had come to this thread.
 *
 * A front that ends by itself is told of once, and started anew after a while, which grows when it happens again. Its
 * sockets stay open, for they belong to the brain, which may not be allowed to open them again: meanwhile another front
 * reads them. Nothing that waits in them is lost; what the front had read and not answered is.
 */
import type { ServerAddress } from '../../dns/address.js';
import type { Cancel, Clock } from '../../ports/clock.js';
import type { FrontsStats } from '../../ports/inspection.js';
import type { Log } from '../../ports/log.js';
import { setUpForClients } from '../client-socket.js';
import type { Listener } from '../listener.js';
import type { QueryStatsRecorder } from '../query-stats.js';
import { SpareWarnings } from '../spare-warnings.js';
import type { FrontSettings } from './front.js';
import { FrontedUdpListener, openShared } from './fronted-udp-listener.js';
import { Link, type LinkParts, type OpenThread, openFrontThread } from './link.js';
import { QuestionDesk, type QuestionDeskParts } from './question-desk.js';

export interface FrontsParts extends QuestionDeskParts {
  /** How many threads, 1 or more. */
  readonly count: number;
  readonly settings: FrontSettings;
  /** Octets of the answer cache of each. */
  readonly answerOctets: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly stats: QueryStatsRecorder;
  /** For tests. */
  readonly openThread?: OpenThread | undefined;
}

/** Milliseconds between two looks at how the fronts are and what they counted. */
const TICK = 1000;
/** Looks in a row at which a front is at work on the same batch: it hangs. */
const STUCK_TICKS = 5;
/** Milliseconds before a front that ended is started anew: at first, and at most after it ended again and again. */
const FIRST_REST = 100;
const LONGEST_REST = 30_000;
/** Milliseconds after which a front counts as sound. */
const SOUND = 60_000;

/** A thread and those that took its place. */
interface Seat {
  /** Undefined while it rests. */
  link: Link | undefined;
  /** Whether its link reads sockets. */
  isServing: boolean;
  rest: number;
  stuckTicks: number;
}

interface SharedSocket {
  readonly fd: number;
  readonly place: number;
  readonly seat: number;
  /** Who reads it now. */
  reader: Link | undefined;
}

export class Fronts {
  readonly #seats: Seat[];
  readonly #sockets = new Map<number, SharedSocket>();
  readonly #desk: QuestionDesk;
  readonly #ungather: () => void;
  readonly #timers = new Set<Cancel>();
  readonly #warnings: SpareWarnings;
  #settings: FrontSettings;
  #nextPlace = 0;
  #nextSeat = 0;
  #restarts = 0;
  /** Whether a thread that ends is to be started anew. */
  #heals = false;

  private constructor(private readonly parts: FrontsParts) {
    this.#settings = parts.settings;
    this.#desk = new QuestionDesk(parts);
    this.#warnings = new SpareWarnings('front threads', parts);
    this.#seats = Array.from({ length: parts.count }, () => ({
      link: undefined,
      isServing: false,
      rest: FIRST_REST,
      stuckTicks: 0,
    }));
    this.#ungather = parts.stats.gatheredBy(() => this.#gather());
  }

  /** Resolves when all threads run. Rejects when one cannot: none does then. */
  static async start(parts: FrontsParts): Promise<Fronts> {
    const fronts = new Fronts(parts);
    try {
      await Promise.all(fronts.#seats.map((seat) => fronts.#open(seat).ready));
      if ([...fronts.#links()].length < parts.count) throw new Error('a thread ended at once');
    } catch (error) {
      await fronts.close();
      throw error;
    }
    for (const seat of fronts.#seats) fronts.#serve(seat);
    fronts.#heals = true;
    fronts.#tick();
    return fronts;
  }

  get stats(): FrontsStats {
    const serving = this.#seats.filter(({ isServing }) => isServing).length;
    return { threads: this.#seats.length, serving, restarts: this.#restarts };
  }

  /** Throws ListenError. */
  listen(address: ServerAddress, receiveOctets: number): Listener {
    return this.#listen(address, openShared(this.parts.batch.libc, address, this.#seats.length, receiveOctets), 0);
  }

  /** A bound socket that someone else opened: it cannot be divided, and one front reads it. It is closed in the end. */
  adopt(address: ServerAddress, fd: number): Listener {
    setUpForClients(this.parts.batch.libc, fd, address);
    return this.#listen(address, [fd], this.#nextSeat++);
  }

  #listen(address: ServerAddress, fds: readonly number[], firstSeat: number): Listener {
    const place = this.#nextPlace++;
    const warnings = new SpareWarnings(address.key, this.parts);
    const readers = { leave: this.#leave, closed: (gone: number) => void this.#desk.listeners.delete(gone) };
    const listener = new FrontedUdpListener(address, { fds, place, batch: this.parts.batch, readers, warnings });
    this.#desk.listeners.set(place, listener);
    for (const [i, fd] of fds.entries()) {
      const seat = (firstSeat + i) % this.#seats.length;
      this.#sockets.set(fd, { fd, place, seat, reader: undefined });
    }
    this.#divide();
    return listener;
  }

  /** When this returns, nothing that lay ready before is given out by any front. */
  forget(): void {
    for (const link of this.#links()) link.forget();
    for (const link of this.#links()) link.settle();
  }

  /** When this returns, the settings hold in every front, and what lay ready is forgotten. */
  reconfigure(settings: FrontSettings): void {
    this.#settings = settings;
    for (const link of this.#links()) link.reconfigure(settings);
    for (const link of this.#links()) link.settle();
  }

  /** Ends the threads; for after all listeners were closed. */
  async close(): Promise<void> {
    this.#heals = false;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    await Promise.all([...this.#links()].map((link) => link.stop()));
    this.#ungather();
  }

  *#links(): Iterable<Link> {
    for (const { link } of this.#seats) if (link !== undefined) yield link;
  }

  #open(seat: Seat): Link {
    const { clock, answerOctets } = this.parts;
    const linkParts: LinkParts = {
      libc: this.parts.batch.libc,
      settings: this.#settings,
      answerOctets,
      clock,
      openThread: this.parts.openThread ?? openFrontThread,
    };
    const link = new Link(linkParts);
    seat.link = link;
    void this.#desk.serve(link);
    void link.ended.then((thrown) => this.#ended(seat, link, thrown));
    return link;
  }

  #serve(seat: Seat): void {
    seat.isServing = true;
    seat.stuckTicks = 0;
    this.#divide();
  }

  #ended(seat: Seat, link: Link, thrown: unknown): void {
    this.#desk.drain(link);
    this.#count(link);
    const wasServing = seat.isServing;
    seat.link = undefined;
    seat.isServing = false;
    for (const socket of this.#sockets.values()) if (socket.reader === link) socket.reader = undefined;
    this.#divide();
    if (!this.#heals) return;
    if (wasServing && this.parts.clock.now() - link.startedAt > SOUND) seat.rest = FIRST_REST;
    const fields = { err: thrown, front: this.#seats.indexOf(seat), restMs: seat.rest };
    this.parts.log.error(fields, 'a front thread ended by itself and will be started anew: please report this');
    this.#after(seat.rest, () => this.#restart(seat));
    seat.rest = Math.min(LONGEST_REST, seat.rest * 2);
  }

  #restart(seat: Seat): void {
    this.#restarts++;
    try {
      this.#open(seat).ready.then(
        () => this.#serve(seat),
        () => {},
      );
    } catch (err) {
      this.parts.log.error({ err, restMs: seat.rest }, 'a front thread could not be started');
      this.#after(seat.rest, () => this.#restart(seat));
      seat.rest = Math.min(LONGEST_REST, seat.rest * 2);
    }
  }

  /** Has each socket read by its own front, or by another while that one is away. */
  #divide(): void {
    const serving = this.#seats.filter(({ isServing }) => isServing);
    for (const socket of this.#sockets.values()) {
      const own = this.#seats[socket.seat]!;
      const reader = (own.isServing ? own : serving[socket.seat % serving.length])?.link;
      if (reader === socket.reader) continue;
      socket.reader?.remove(socket.fd);
      socket.reader = undefined;
      if (reader !== undefined) this.#watch(socket, reader);
    }
  }

  #watch(socket: SharedSocket, reader: Link): void {
    try {
      reader.add(socket.fd, socket.place);
      socket.reader = reader;
    } catch (error) {
      // The next tick tries again.
      this.#warnings.warn((error as Error).message, 'a socket cannot be watched');
    }
  }

  readonly #leave = (fds: readonly number[]): void => {
    for (const fd of fds) {
      this.#sockets.get(fd)?.reader?.remove(fd);
      this.#sockets.delete(fd);
    }
    for (const link of this.#links()) {
      link.settle();
      this.#desk.drain(link);
    }
  };

  #tick(): void {
    this.#after(TICK, () => {
      this.#gather();
      for (const seat of this.#seats) this.#lookAfter(seat);
      this.#divide();
      this.#tick();
    });
  }

  #lookAfter(seat: Seat): void {
    if (seat.link === undefined) return;
    seat.stuckTicks = seat.link.isStuck() ? seat.stuckTicks + 1 : 0;
    if (seat.stuckTicks < STUCK_TICKS) return;
    seat.stuckTicks = 0;
    this.parts.log.error({ front: this.#seats.indexOf(seat) }, 'a front thread hangs and is ended');
    seat.link.terminate();
  }

  #gather(): void {
    for (const link of this.#links()) this.#count(link);
  }

  #count(link: Link): void {
    const counted = link.counted();
    this.parts.stats.countedElsewhere(counted, this.parts.clock.now());
    if (counted.unsent > 0) this.#warnings.warn(`${counted.unsent} lately`, 'replies could not be sent over UDP');
  }

  #after(ms: number, action: () => void): void {
    const cancel = this.parts.clock.schedule(ms, () => {
      this.#timers.delete(cancel);
      action();
    });
    this.#timers.add(cancel);
  }
}
