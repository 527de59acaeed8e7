/**
 * HOT. A Message to octets, within a size: whole RRsets or none (RFC 2181 §9).
 *
 * What does not fit in answer or authority ends the message there and sets TC; what does not fit in additional is left
 * out with what follows it, silently: it was extra. Room for OPT is kept from the start, since a reply without it would
 * say that EDNS is not spoken here.
 */
import type { Edns, Message, Question } from '../dns/message.js';
import { lowerCaseOctets } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { type Octets, uint16At } from '../dns/octets.js';
import type { ResourceRecord } from '../dns/rrset.js';
import { ednsOctets, ednsTtl } from './edns.js';
import { Flag, flagWord, HEADER_OCTETS } from './header.js';
import { writeRdata } from './write-rdata.js';
import { MAX_MESSAGE_OCTETS, Writer } from './writer.js';

export interface EncodeOptions {
  /** Octets the message may take: at least its header, questions and an OPT without options. 65535 unless given. */
  readonly maxOctets?: number;
  /**
   * The first question's name as uncompressed octets with the client's letters. Written in its place, so that owner
   * names, which point to it, carry the client's case too. Ignored when it is another name.
   */
  readonly spelling?: Octets;
}

export interface Encoded {
  /** Taken from Node's shared pool when small: copy it (or keep Octets) to hold it for long. */
  readonly bytes: Buffer;
  /** Whether something of answer or authority was left out. */
  readonly truncated: boolean;
}

/**
 * Encodes a message, OPT last. EDNS options that do not fit beside header and questions are left out, last first.
 * Throws RangeError when even the bare OPT does not fit, when RDATA is longer than 65535 octets, or when a response
 * code above 15 has no OPT to carry it: mistakes of the caller, never of data from outside.
 */
export function encodeMessage(message: Message, options: EncodeOptions = {}): Encoded {
  const { edns } = message;
  const maxOctets = Math.min(options.maxOctets ?? MAX_MESSAGE_OCTETS, MAX_MESSAGE_OCTETS);
  if (edns === undefined && message.rcode > 0xf) {
    throw new RangeError(`response code ${message.rcode} needs EDNS (RFC 6891 §6.1.3)`);
  }
  const writer = new Writer();
  writer.at = HEADER_OCTETS;
  writeQuestions(writer, message.questions, options.spelling);
  const ednsOptions = edns === undefined ? 0 : optionsThatFit(edns, maxOctets - writer.at);
  const limit = edns === undefined ? maxOctets : maxOctets - ednsOctets(edns, ednsOptions);
  if (writer.at > limit) throw new RangeError(`header, questions and OPT alone are longer than ${maxOctets} octets`);

  const { answer, authority, additional } = message;
  const answers = writeSection(writer, answer, limit);
  let truncated = answers < answer.length;
  const authorities = truncated ? 0 : writeSection(writer, authority, limit);
  truncated ||= authorities < authority.length;
  const additionals = truncated ? 0 : writeSection(writer, additional, limit);
  if (edns !== undefined) writeOpt(writer, edns, ednsOptions, message.rcode);

  const end = writer.at;
  writer.at = 0;
  writer.uint16(message.id);
  writer.uint16(flagWord(message) | (truncated ? Flag.TC : 0));
  writer.uint16(message.questions.length);
  writer.uint16(answers);
  writer.uint16(authorities);
  writer.uint16(edns === undefined ? additionals : additionals + 1);
  writer.at = end;
  return { bytes: writer.finished(), truncated };
}

function writeQuestions(writer: Writer, questions: readonly Question[], spelling: Octets | undefined): void {
  for (let i = 0; i < questions.length; i++) {
    const { name, type, class: klass } = questions[i]!;
    if (i === 0 && spelling !== undefined && lowerCaseOctets(spelling) === (name as Octets))
      writer.spelledName(spelling);
    else writer.compressed(name);
    writer.uint16(type);
    writer.uint16(klass);
    if (writer.at > MAX_MESSAGE_OCTETS) throw new RangeError('the questions are longer than 65535 octets');
  }
}

/** How many of the options, from the first, fit into so many octets with OPT around them. */
function optionsThatFit(edns: Edns, octets: number): number {
  let count = edns.options.length;
  while (count > 0 && ednsOctets(edns, count) > octets) count--;
  return count;
}

/** Writes RRsets up to the first that does not fit; how many records were written. */
function writeSection(writer: Writer, records: readonly ResourceRecord[], limit: number): number {
  for (let first = 0; first < records.length; ) {
    const mark = writer.at;
    let next = first;
    do {
      writeRecord(writer, records[next++]!);
      if (writer.at > limit) {
        // Names remembered from the part taken back are never pointed to: nothing but OPT is written after this.
        writer.at = mark;
        return first;
      }
    } while (next < records.length && isSameRRset(records[first]!, records[next]!));
    first = next;
  }
  return records.length;
}

/** Whether a record further on belongs to the RRset that `first` begins, as one of it or as its RRSIG. */
function isSameRRset(first: ResourceRecord, other: ResourceRecord): boolean {
  if (first.name !== other.name || first.class !== other.class) return false;
  if (first.type === other.type) return true;
  return other.type === Type.RRSIG && other.rdata.length >= 2 && uint16At(other.rdata, 0) === first.type;
}

function writeRecord(writer: Writer, record: ResourceRecord): void {
  writer.owner(record.name);
  writer.uint16(record.type);
  writer.uint16(record.class);
  writer.uint32(record.ttl);
  const lengthAt = writer.at;
  writer.at += 2;
  writeRdata(writer, record.type, record.rdata);
  writer.uint16At(lengthAt, writer.at - lengthAt - 2);
}

function writeOpt(writer: Writer, edns: Edns, optionCount: number, rcode: number): void {
  writer.octets('\0');
  writer.uint16(Type.OPT);
  writer.uint16(edns.udpSize);
  writer.uint32(ednsTtl(edns, rcode));
  const lengthAt = writer.at;
  writer.at += 2;
  for (let i = 0; i < optionCount; i++) {
    const { code, data } = edns.options[i]!;
    writer.uint16(code);
    writer.uint16(data.length);
    writer.octets(data);
  }
  writer.uint16At(lengthAt, writer.at - lengthAt - 2);
}
