/**
 * Where in a reply of ours are the octets that differ from one client to the next? The TTLs, and the addresses at the
 * end of the answer, which start at another one each time (RFC 1794). Read once when a reply is kept.
 */
import { Type } from '../dns/numbers.js';

export interface ReplyLayout {
  /** Offsets of all TTLs but that of OPT. */
  readonly ttls: readonly number[];
  /** Seconds. */
  readonly leastTtl: number;
  /** Records of equal size that may stand in any order; `count` is 0 when there are none. */
  readonly rotation: { readonly start: number; readonly size: number; readonly count: number };
}

interface RecordPlace {
  readonly start: number;
  readonly end: number;
  readonly type: number;
  readonly ttlAt: number;
}

const NONE = { start: 0, size: 0, count: 0 };

/** The layout of a reply of ours with one question that ends at `questionEnd`; undefined when it has no record. */
export function layoutOf(reply: Buffer, questionEnd: number): ReplyLayout | undefined {
  const answers = reply.readUInt16BE(6);
  const total = answers + reply.readUInt16BE(8) + reply.readUInt16BE(10);
  const places: RecordPlace[] = [];
  for (let at = questionEnd; places.length < total; ) {
    const place = placeAt(reply, at);
    places.push(place);
    at = place.end;
  }
  const records = places.filter(({ type }) => type !== Type.OPT);
  if (records.length === 0) return undefined;
  const ttls = records.map(({ ttlAt }) => ttlAt);
  return {
    ttls,
    leastTtl: Math.min(...ttls.map((at) => reply.readUInt32BE(at))),
    rotation: rotationOf(reply, places.slice(0, answers)),
  };
}

function placeAt(reply: Buffer, start: number): RecordPlace {
  let at = start;
  // Our own encoding: labels end in a zero or a pointer.
  while (reply[at]! !== 0 && reply[at]! < 0xc0) at += reply[at]! + 1;
  at += reply[at] === 0 ? 1 : 2;
  const end = at + 10 + reply.readUInt16BE(at + 8);
  return { start, end, type: reply.readUInt16BE(at), ttlAt: at + 4 };
}

/** The addresses that end the answer, when all are written alike: what stands before them is the alias chain. */
function rotationOf(reply: Buffer, answers: readonly RecordPlace[]): ReplyLayout['rotation'] {
  const last = answers.at(-1);
  if (last === undefined || (last.type !== Type.A && last.type !== Type.AAAA)) return NONE;
  const size = last.end - last.start;
  let count = 0;
  for (const place of [...answers].reverse()) {
    if (place.type !== last.type || place.end - place.start !== size || !hasOwnerOf(reply, place, last)) break;
    count++;
  }
  return count < 2 ? NONE : { start: last.end - count * size, size, count };
}

function hasOwnerOf(reply: Buffer, a: RecordPlace, b: RecordPlace): boolean {
  return reply.compare(reply, a.start, a.ttlAt, b.start, b.ttlAt) === 0;
}
