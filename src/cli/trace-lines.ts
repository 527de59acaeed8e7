/**
 * How does a resolution read while it happens? One line for each event. The depth of a line is that of its kind, not
 * of its place in the call tree: lookups run side by side, and their events come as they come.
 */
import type { TraceEvent } from '../ports/trace.js';
import { durationText } from './figures.js';
import { type Colours, printable } from './terminal.js';

/** One line, ended, which dig would take for a comment. `elapsedMs` counts from the question. */
export function traceLine(event: TraceEvent, elapsedMs: number, colours: Colours): string {
  const { depth, text, tone } = describe(event);
  const line = `${'  '.repeat(depth)}${printable(text)}`;
  return `;; ${elapsedMs.toFixed(1).padStart(7)} ms  ${tone === undefined ? line : colours[tone](line)}\n`;
}

interface Described {
  readonly depth: number;
  readonly text: string;
  readonly tone?: 'bold' | 'cyan' | 'dim' | 'green' | 'yellow' | 'red';
}

function describe(event: TraceEvent): Described {
  switch (event.kind) {
    case 'question':
      return { depth: 0, text: `question ${event.name} ${event.type}`, tone: 'bold' };
    case 'cache':
      return { depth: 1, text: `cache: ${event.name} ${event.type}: ${event.found}`, tone: 'dim' };
    case 'synthesised':
      return { depth: 1, text: `synthesised ${event.as} from ${event.from.join(' and ')}`, tone: 'green' };
    case 'stale':
      return { depth: 1, text: staleText(event), tone: 'yellow' };
    case 'policy':
      return { depth: 1, text: `policy of ${event.zone}: ${event.action}`, tone: 'yellow' };
    case 'delegation':
      return { depth: 1, text: `zone ${event.zone} (${event.from}): ${listed(event.servers)}`, tone: 'cyan' };
    case 'server':
      return { depth: 2, text: serverText(event) };
    case 'query':
      return { depth: 3, text: queryText(event) };
    case 'reply':
      return { depth: 3, text: `<- ${event.server}: ${event.outcome} (${event.ms.toFixed(1)} ms)`, tone: 'green' };
    case 'dropped':
      return { depth: 4, text: `dropped ${event.rrset}: ${event.because}`, tone: 'yellow' };
    case 'step':
      return { depth: 2, text: `${event.step}: ${event.detail}` };
    case 'lookup':
      return { depth: 2, text: `looking up ${event.name} ${event.type}: ${event.because}` };
    case 'security':
      return securityLine(event);
    case 'budget':
      return { depth: 1, text: `budget spent: ${event.bound}`, tone: 'red' };
    case 'failure':
      return { depth: 0, text: `failed: ${event.because}`, tone: 'red' };
    default:
      return event satisfies never;
  }
}

function serverText(event: Extract<TraceEvent, { kind: 'server' }>): string {
  const others = event.passedOver.length === 0 ? '' : `; passed over ${event.passedOver.join(', ')}`;
  // Below zero: the server was never heard, so there is no time to tell.
  const known = event.rttMs < 0 ? 'not heard yet' : `about ${Math.round(event.rttMs)} ms`;
  return `chose ${event.chosen} for ${event.zone} (${known})${others}`;
}

function staleText({ name, type, reason, overdue }: Extract<TraceEvent, { kind: 'stale' }>): string {
  return `stale: ${name} ${type}, over its TTL for ${durationText(overdue)} (${reason})`;
}

function queryText(event: Extract<TraceEvent, { kind: 'query' }>): string {
  const minimised = event.minimised ? ', minimised' : '';
  return `-> ${event.server}: ${event.name} ${event.type} (${event.transport}${minimised})`;
}

function securityLine(event: Extract<TraceEvent, { kind: 'security' }>): Described {
  const because = event.because === '' ? '' : `: ${event.because}`;
  const tone = event.verdict === 'bogus' ? 'red' : event.verdict === 'secure' ? 'green' : 'dim';
  return { depth: 1, text: `${event.name} is ${event.verdict}${because}`, tone };
}

function listed(servers: readonly string[]): string {
  return servers.length === 0 ? 'no servers' : servers.join(', ');
}
