/** Questions to zones without sockets, and replies as short text. */
import type { Message } from '../../src/dns/message.js';
import { nameFromText } from '../../src/dns/name.js';
import { rcodeToText, typeFromText } from '../../src/dns/numbers.js';
import type { ResourceRecord } from '../../src/dns/rrset.js';
import { answerFrom } from '../../src/lab/answer.js';
import { loadZone, type Zone } from '../../src/lab/zone.js';
import { recordToText } from '../../src/presentation/record-text.js';

/** A query for "name TYPE", with EDNS unless told otherwise. */
export function query(question: string, changes: Partial<Message> & { readonly dnssecOk?: boolean } = {}): Message {
  const [name, type] = question.split(' ') as [string, string];
  const { dnssecOk = false, ...fields } = changes;
  const flags = { qr: false, aa: false, tc: false, rd: false, ra: false, ad: false, cd: false };
  const questions = [{ name: nameFromText(name), type: typeFromText(type)!, class: 1 }];
  const edns = { version: 0, udpSize: 1232, dnssecOk, options: [] };
  return {
    id: 7,
    opcode: 0,
    rcode: 0,
    ...flags,
    questions,
    answer: [],
    authority: [],
    additional: [],
    edns,
    ...fields,
  };
}

export function zone(text: string, origin: string): Zone {
  return loadZone(text, { origin: nameFromText(origin), file: origin });
}

/** "NOERROR aa", then one line a record, its section before it. */
export function ask(zones: readonly Zone[], question: string, dnssecOk = false): string[] {
  return show(answerFrom(zones, query(question, { dnssecOk })));
}

export function show(message: Message): string[] {
  const head = [rcodeToText(message.rcode), message.aa ? 'aa' : '', message.tc ? 'tc' : ''].filter(Boolean).join(' ');
  const lines = (name: string, records: readonly ResourceRecord[]): string[] =>
    records.map((record) => `${name} ${recordToText(record).replace(/\s+/g, ' ')}`);
  return [
    head,
    ...lines('answer', message.answer),
    ...lines('authority', message.authority),
    ...lines('additional', message.additional),
  ];
}
