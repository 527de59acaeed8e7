/**
 * HOT. What passes between a front and the brain, as records of the two queues: queries that nothing lay ready for, and
 * replies that shall lie ready.
 */
import { DESTINATION, keptDestination, keptName, type Receiving } from '../../native/datagrams.js';
import type { RingReader, RingWriter } from './octet-ring.js';

// A question: place u32, uncounted hits u32, arrival f64, octets of name and destination u32 each, both, the query.
const UNCOUNTED = 4;
const ARRIVED = 8;
const NAME_OCTETS = 16;
const DESTINATION_OCTETS = 20;
const NAME = 24;
const DESTINATION_AT = NAME + 28;
const QUERY = DESTINATION_AT + DESTINATION;

export interface CrossedQuestion {
  /** Which listener it came to. */
  readonly place: number;
  /** Clients that were given what lay ready before, and that the cache has not counted. */
  readonly uncounted: number;
  /** Clock.now() when it was read. */
  readonly arrived: number;
  /** The client's socket address. */
  readonly name: Buffer;
  /** Where it was sent to, on a socket that tells. */
  readonly destination: Uint8Array | undefined;
  readonly octets: Buffer;
}

/** A datagram as a front read it. */
export interface ReadDatagram {
  readonly receiving: Receiving;
  readonly slot: number;
}

/** False: there is no room, the query is dropped. */
export function passQuestion(
  ring: RingWriter,
  { receiving, slot }: ReadDatagram,
  { place, uncounted, arrived }: Pick<CrossedQuestion, 'place' | 'uncounted' | 'arrived'>,
): boolean {
  const length = receiving.lengths[slot]!;
  const at = ring.claim(QUERY + length);
  if (at === -1) return false;
  const { octets } = ring;
  const name = keptName(receiving, slot);
  const destination = keptDestination(receiving, slot);
  octets.writeUInt32LE(place, at);
  octets.writeUInt32LE(uncounted, at + UNCOUNTED);
  octets.writeDoubleLE(arrived, at + ARRIVED);
  octets.writeUInt32LE(name.length, at + NAME_OCTETS);
  octets.writeUInt32LE(destination?.length ?? 0, at + DESTINATION_OCTETS);
  octets.set(name, at + NAME);
  if (destination !== undefined) octets.set(destination, at + DESTINATION_AT);
  receiving.slots[slot]!.copy(octets, at + QUERY, 0, length);
  ring.publish();
  return true;
}

/** The oldest, copied out of the queue; undefined when there is none. */
export function nextQuestion(ring: RingReader): CrossedQuestion | undefined {
  const at = ring.next();
  if (at === -1) return undefined;
  const { octets } = ring;
  const destinationOctets = octets.readUInt32LE(at + DESTINATION_OCTETS);
  const copy = (from: number, length: number): Buffer => Buffer.from(octets.subarray(from, from + length));
  const question = {
    place: octets.readUInt32LE(at),
    uncounted: octets.readUInt32LE(at + UNCOUNTED),
    arrived: octets.readDoubleLE(at + ARRIVED),
    name: copy(at + NAME, octets.readUInt32LE(at + NAME_OCTETS)),
    destination: destinationOctets === 0 ? undefined : copy(at + DESTINATION_AT, destinationOctets),
    octets: copy(at + QUERY, ring.length - QUERY),
  };
  ring.release();
  return question;
}

// An answer: generation i32, octets of the query u32, when it was made f64, the query, the reply.
const QUERY_OCTETS = 4;
const MADE = 8;
const ANSWERED_QUERY = 16;

/** A reply to `query`, made at `made` (Clock.now()). Where there is no room it does not lie ready. */
export function passAnswer(
  ring: RingWriter,
  query: Uint8Array,
  reply: Buffer,
  { generation, made }: { readonly generation: number; readonly made: number },
): void {
  const at = ring.claim(ANSWERED_QUERY + query.length + reply.length);
  if (at === -1) return;
  const { octets } = ring;
  octets.writeInt32LE(generation, at);
  octets.writeUInt32LE(query.length, at + QUERY_OCTETS);
  octets.writeDoubleLE(made, at + MADE);
  octets.set(query, at + ANSWERED_QUERY);
  reply.copy(octets, at + ANSWERED_QUERY + query.length);
  ring.publish();
}

/**
 * Hands the oldest to `keep`, whose octets are good for the call, unless it is of another generation: then it was made
 * before something was to be forgotten. False when there was none.
 */
export function takeAnswer(
  ring: RingReader,
  generation: number,
  keep: (query: Uint8Array, reply: Buffer, made: number) => void,
): boolean {
  const at = ring.next();
  if (at === -1) return false;
  const { octets } = ring;
  if (octets.readInt32LE(at) === generation) {
    const reply = at + ANSWERED_QUERY + octets.readUInt32LE(at + QUERY_OCTETS);
    const end = at + ring.length;
    keep(octets.subarray(at + ANSWERED_QUERY, reply), octets.subarray(reply, end), octets.readDoubleLE(at + MADE));
  }
  ring.release();
  return true;
}
