/** dig and kdig as users run them, their output taken apart. */
import type { Place } from './internet.js';

export interface DigRecord {
  readonly name: string;
  readonly ttl: number;
  readonly type: string;
  readonly rdata: string;
}

export interface DigReply {
  readonly status: string;
  readonly flags: readonly string[];
  readonly answer: readonly DigRecord[];
  readonly authority: readonly DigRecord[];
  /** Milliseconds. */
  readonly queryTime: number;
  readonly transport: string;
  /** Everything that was printed, for assertions on details and for failure messages. */
  readonly text: string;
}

export interface DigOptions {
  readonly tool?: 'dig' | 'kdig';
  readonly server?: string;
  readonly port?: number;
}

/** For example `dig(place, 'example.com MX +tcp')`. Rejects when nothing comes back. */
export async function dig(place: Place, query: string, options: DigOptions = {}): Promise<DigReply> {
  const { tool = 'dig', server = '127.0.0.1', port = 5300 } = options;
  const patience = tool === 'dig' ? ['+tries=1', '+time=12'] : ['+retry=0', '+time=12'];
  const argv = [tool, `@${server}`, '-p', String(port), ...patience, ...query.split(' ')];
  const { stdout, stderr } = await place.run(argv, { timeout: 30_000 });
  const reply = parseReply(stdout);
  if (reply === undefined) throw new Error(`no reply to \`${argv.join(' ')}\`:\n${stdout}${stderr}`);
  return reply;
}

/** What one of the tools printed about one reply; undefined when there was none. */
export function parseReply(text: string): DigReply | undefined {
  const status = /status: (\w+)/.exec(text)?.[1];
  if (status === undefined) return undefined;
  return {
    status,
    flags: (/;; flags: ([^;]*);/i.exec(text)?.[1] ?? '').trim().split(' '),
    answer: section(text, 'ANSWER'),
    authority: section(text, 'AUTHORITY'),
    queryTime: Number(/Query time: (\d+) msec/.exec(text)?.[1] ?? /in ([\d.]+) ms/.exec(text)?.[1]),
    transport: /\((UDP|TCP)\)/.exec(text)?.[1] ?? '',
    text,
  };
}

function section(text: string, name: string): DigRecord[] {
  const lines = new RegExp(`;; ${name} SECTION:\n([^]*?)(?:\n\n|\n;;|$)`).exec(text)?.[1]?.split('\n') ?? [];
  return lines.flatMap((line) => {
    const match = /^(\S+)\s+(\d+)\s+IN\s+(\S+)\s+(.*)$/.exec(line);
    return match ? [{ name: match[1]!, ttl: Number(match[2]), type: match[3]!, rdata: match[4]! }] : [];
  });
}

/** "A 203.0.113.80" for each record, sorted: the order of an RRset says nothing (RFC 2181 §5). */
export function rdataOf(records: readonly DigRecord[]): string[] {
  return records.map(({ type, rdata }) => `${type} ${rdata}`).sort();
}
