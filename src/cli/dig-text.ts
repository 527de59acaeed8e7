/** How does a reply look? As dig prints it, since that is what people of the field read fluently. */
import { extendedErrorName } from '../dns/extended-error.js';
import { nameToText } from '../dns/name.js';
import { classToText, opcodeToText, Rcode, rcodeToText, Type, typeToText } from '../dns/numbers.js';
import type { ResourceRecord } from '../dns/rrset.js';
import { reasonView, recordView } from '../http/views.js';
import { rdataToText } from '../presentation/rdata-text.js';
import { recordToText } from '../presentation/record-text.js';
import type { Reply } from './reply.js';
import { type Colours, printable } from './terminal.js';

/** The whole reply, sections and all. */
export function digText(reply: Reply, colours: Colours): string {
  return [
    headerText(reply, colours),
    optText(reply, colours),
    `${colours.dim(';; QUESTION SECTION:')}\n;${questionText(reply)}\n`,
    sectionText('ANSWER', reply.answer, colours),
    sectionText('AUTHORITY', reply.authority, colours),
    sectionText('ADDITIONAL', reply.additional, colours),
    reply.circumstances.map(([label, text]) => `;; ${label}: ${printable(text)}\n`).join(''),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** The RDATA of the answer, one a line: what `dig +short` prints. Signatures only when they were asked for. */
export function shortText(reply: Reply): string {
  return reply.answer
    .filter(({ type }) => type !== Type.RRSIG || reply.question.type === Type.RRSIG)
    .map(({ type, rdata }) => `${rdataToText(type, rdata)}\n`)
    .join('');
}

/** A failure in a line: the code, and the most telling reason when there is one. */
export function failureText({ rcode, reasons: [first] }: Reply): string {
  return `;; ${rcodeToText(rcode)}${first === undefined ? '' : detail(first.text)}\n`;
}

/** The reply for programs. */
export function replyJson(reply: Reply): object {
  const { question, flags, answer, authority, additional, circumstances } = reply;
  return {
    question: { name: nameToText(question.name), class: classToText(question.class), type: typeToText(question.type) },
    status: rcodeToText(reply.rcode),
    flags,
    ...(reply.edns === undefined ? {} : { edns: edns(reply.edns) }),
    answer: answer.map(recordView),
    authority: authority.map(recordView),
    additional: additional.map(recordView),
    ede: reply.reasons.map(reasonView),
    ...Object.fromEntries(circumstances.map(([label, text]) => [camelCase(label), text])),
  };
}

function edns({ version, udpSize, dnssecOk }: NonNullable<Reply['edns']>): object {
  return { version, udpSize, dnssecOk };
}

function camelCase(label: string): string {
  return label.toLowerCase().replace(/ ([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function headerText(reply: Reply, colours: Colours): string {
  const status = rcodeToText(reply.rcode);
  const tone =
    reply.rcode === Rcode.NOERROR ? colours.green : reply.rcode === Rcode.NXDOMAIN ? colours.yellow : colours.red;
  const id = reply.id === undefined ? '' : `, id: ${reply.id}`;
  const extra = reply.edns === undefined ? 0 : 1;
  const counts = `QUERY: 1, ANSWER: ${reply.answer.length}, AUTHORITY: ${reply.authority.length}, ADDITIONAL: ${reply.additional.length + extra}`;
  return (
    `;; ->>HEADER<<- opcode: ${opcodeToText(reply.opcode)}, status: ${tone(status)}${id}\n` +
    `;; flags: ${reply.flags.join(' ')}; ${counts}\n`
  );
}

function optText(reply: Reply, colours: Colours): string {
  const lines = reply.reasons.map(
    ({ code, text }) => `${colours.yellow(`; EDE: ${code} (${extendedErrorName(code)})${detail(text)}`)}\n`,
  );
  if (reply.edns === undefined) return lines.join('');
  const { version, udpSize, dnssecOk } = reply.edns;
  const flags = dnssecOk ? ' do' : '';
  return `${colours.dim(';; OPT PSEUDOSECTION:')}\n; EDNS: version: ${version}, flags:${flags}; udp: ${udpSize}\n${lines.join('')}`;
}

function detail(text: string): string {
  return text === '' ? '' : `: ${printable(text)}`;
}

function questionText({ question }: Reply): string {
  return `${nameToText(question.name)}\t\t${classToText(question.class)}\t${typeToText(question.type)}`;
}

function sectionText(title: string, records: readonly ResourceRecord[], colours: Colours): string {
  if (records.length === 0) return '';
  return `${colours.dim(`;; ${title} SECTION:`)}\n${records.map((record) => `${recordToText(record)}\n`).join('')}`;
}
