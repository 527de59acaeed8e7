/**
 * How does an explanation read? A tree from the anchor down: a zone, how trust comes into it, the answers it holds, then
 * the zones below it. Every line is made harmless to terminals here, since names and reasons come from the network.
 */
import type { ExplainedData, ExplainedZone, Explanation, RecordedResolution } from '../ports/explanation.js';
import { counted } from './figures.js';
import { type Colours, printable } from './terminal.js';
import { type Line, linkLines, originLines, proofLines, signatureLine } from './why-link-lines.js';

/** The whole, in lines without their ends. */
export function whyLines(explanation: Explanation, colours: Colours): string[] {
  const steps = explanation.zones.flatMap(stepsIn).length;
  const lines: Line[] = [
    ...headLines(explanation),
    ...explanation.zones.flatMap((zone) => zoneLines(zone, 0, steps > 1)),
    ...recordedLines(explanation),
  ];
  return lines.map((line) => drawn(line, colours));
}

function stepsIn(zone: ExplainedZone): readonly ExplainedData[] {
  return [...zone.data, ...zone.below.flatMap(stepsIn)];
}

function drawn({ depth, label = '', text, tone }: Line, colours: Colours): string {
  const indent = '  '.repeat(depth);
  const shown = printable(text);
  const name = label === '' ? '' : printable(label).padEnd(LABEL_WIDTH);
  return `${indent}${name}${tone === undefined ? shown : colours[tone](shown)}`.trimEnd();
}

const LABEL_WIDTH = 9;

function headLines({ question, rcode, verdict, summary, remedy, because, zones }: Explanation): Line[] {
  const path = zones.flatMap(stepsIn).sort((a, b) => a.step - b.step);
  // A failure was never judged, unless it is one because it was.
  const judged = rcode === 'SERVFAIL' && verdict !== 'bogus' ? '' : `${verdict ?? 'unchecked'}, `;
  const state = rcode === null ? 'not known' : `${judged}${rcode}`;
  const further = because.filter(({ text }) => text !== summary && !summary.endsWith(text));
  return [
    { depth: 0, text: `${question.name} ${question.type}: ${state}`, tone: toneOf(verdict, rcode) },
    ...(path.length < 2 ? [] : [{ depth: 1, text: `aliases: ${path.map(({ name }) => name).join(' -> ')}` }]),
    { depth: 1, text: summary },
    ...further.map(({ code, name, text }) => ({
      depth: 1,
      text: `${code} (${name})${text === '' ? '' : `: ${text}`}`,
    })),
    ...(remedy === '' ? [] : [{ depth: 1, text: remedy, tone: 'yellow' } as const]),
    { depth: 0, text: '' },
  ];
}

function toneOf(verdict: Explanation['verdict'], rcode: string | null): Line['tone'] {
  if (verdict === 'bogus' || rcode === 'SERVFAIL') return 'red';
  return verdict === 'secure' ? 'green' : 'yellow';
}

function zoneLines(zone: ExplainedZone, depth: number, numbered: boolean): Line[] {
  // Where it is not known how far trust goes, the link that is missing says so.
  const ended = zone.trust !== 'secure' && zone.trust !== 'unchecked';
  const how = zone.trust === 'bogus' ? 'is broken here, bogus' : `ends here, ${zone.trust}`;
  const title: Line = { depth, text: zone.zone, tone: 'bold' };
  const end: Line = {
    depth: depth + 1,
    label: 'trust',
    text: `${how}: ${zone.because}`,
    tone: zone.trust === 'bogus' ? 'red' : 'yellow',
  };
  return [
    title,
    ...zone.links.flatMap((link) => linkLines(link, depth + 1)),
    ...(ended ? [end] : []),
    ...zone.data.flatMap((data) => dataLines(data, zone, depth + 1, numbered)),
    ...zone.below.flatMap((child) => zoneLines(child, depth + 1, numbered)),
  ];
}

function dataLines(data: ExplainedData, zone: ExplainedZone, depth: number, numbered: boolean): Line[] {
  const { step, name, type, target, records, more, verdict, delegation } = data;
  const tone = verdict === 'bogus' || data.found === 'failure' ? 'red' : verdict === 'secure' ? 'green' : 'yellow';
  const number = numbered ? `${step}. ` : '';
  const judged = data.origin === null ? '' : `, ${verdict}`;
  const inside = depth + 1;
  // What broke the zone stands above; why a resolution failed, at the head of it all.
  const reasons = data.found === 'failure' ? [] : data.because.filter((text) => text !== zone.because);
  const last = delegation === null ? [] : [delegationLine(delegation, inside)];
  return [
    { depth, text: `${number}${name} ${type}: ${FOUND[data.found]}${target ?? ''}${judged}`, tone },
    ...records.map((text) => ({ depth: inside, label: 'record', text })),
    ...(more === 0 ? [] : [{ depth: inside, label: 'record', text: `and ${more} more` }]),
    ...data.signatures.map((signature) => signatureLine(signature, inside)),
    ...proofLines('proof', data.denial, inside),
    ...reasons.map((text) => ({ depth: inside, label: 'because', text, tone }) as const),
    ...originLines(data.origin, inside),
    ...last,
  ];
}

const FOUND: Readonly<Record<ExplainedData['found'], string>> = {
  answer: 'answered',
  alias: 'an alias of ',
  nodata: 'the name has no records of this type (NODATA)',
  nxdomain: 'the name does not exist (NXDOMAIN)',
  'too-long': 'the alias makes too long a name (YXDOMAIN)',
  refused: 'refused',
  failure: 'could not be resolved',
  nothing: 'not in the cache',
  unkept: 'answered just now with a TTL of 0, so it is not kept',
};

function delegationLine({ zone, servers }: NonNullable<ExplainedData['delegation']>, depth: number): Line {
  return { depth, label: 'known', text: `down to the delegation of ${zone} to ${servers.join(', ')}` };
}

function recordedLines({ recorded, summary }: Explanation): Line[] {
  if (recorded.length === 0) return [];
  const title: Line = { depth: 0, text: 'Remembered of this name', tone: 'bold' };
  return [{ depth: 0, text: '' }, title, ...recorded.map((one) => ({ depth: 1, text: recordedText(one, summary) }))];
}

function recordedText(recorded: RecordedResolution, known: string): string {
  const { at, type, rcode, verdict, ms, exchanges, times, because } = recorded;
  const often = times === 1 ? '' : `, ${times} times, last`;
  const text = because[0]?.text ?? '';
  const reason = text === '' || text === known ? '' : `: ${text}`;
  const judged = verdict === 'unchecked' ? '' : ` (${verdict})`;
  return `${type} ${rcode}${judged}${often} at ${at}, ${ms} ms, ${counted(exchanges, 'exchange')}${reason}`;
}
