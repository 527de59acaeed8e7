/** What does lab.yaml say: which addresses serve which zones, how are those signed, what is wrong, what is worth asking? */
import { isIP } from 'node:net';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { octetsFromHex } from '../dns/octets.js';
import { type Fault, LAME_MANNERS, type LameManner } from './faults.js';
import type { SigningPlan } from './sign-lab.js';
import { SIGNING_ALGORITHMS } from './signing-key.js';
import { ZONE_FAULTS } from './zone-faults.js';

export interface LabMap {
  readonly servers: readonly {
    readonly name: string;
    /** An address of this machine, 127.77.0.x by custom. */
    readonly address: string;
    /** Names of zone files in the same directory, without ".zone". */
    readonly zones: readonly string[];
    readonly faults: readonly Fault[];
  }[];
  /** The zones that are signed when the lab starts, by the names of their files, and how. */
  readonly dnssec: Readonly<Record<string, SigningPlan>>;
  readonly suggestions: readonly Suggestion[];
}

/** Something to ask a resolver of this lab: "www.example.com A", and what can be seen then. */
export interface Suggestion {
  readonly question: string;
  readonly shows: string;
}

/** A lab that cannot be read: every complaint names file, line and key. */
export class LabError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'LabError';
  }
}

const simpleFault = <K extends Exclude<Fault['kind'], 'lame' | 'slow'>>(kind: K) =>
  z.strictObject({ kind: z.literal(kind) });

const faultSchema = z.discriminatedUnion('kind', [
  simpleFault('silent'),
  simpleFault('closed'),
  simpleFault('servfail'),
  simpleFault('formerrOnEdns'),
  simpleFault('dropsEdns'),
  simpleFault('ignoresEdns'),
  simpleFault('truncatesAlways'),
  simpleFault('noTcp'),
  simpleFault('wrongId'),
  simpleFault('garbage'),
  simpleFault('nxdomainOnNoData'),
  simpleFault('losesCase'),
  z.strictObject({ kind: z.literal('lame'), manner: z.enum(LAME_MANNERS as [LameManner, ...LameManner[]]) }),
  z.strictObject({ kind: z.literal('slow'), delayMs: z.int().min(1).max(60_000) }),
]);

// A file name, never a path: a map must not reach out of its directory.
const zoneFileName = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'is not the name of a zone file without ".zone"');

const denialSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('nsec') }),
  z.strictObject({
    kind: z.literal('nsec3'),
    // RFC 9276 §3.1: none is what everybody should have.
    iterations: z.int().min(0).max(2500).default(0),
    salt: z
      .string()
      .regex(/^([0-9a-fA-F]{2}){0,255}$/, 'is not up to 255 octets in hexadecimal')
      .transform((hex) => octetsFromHex(hex)!)
      .prefault(''),
    optOut: z.boolean().default(false),
  }),
]);

const planSchema = z.strictObject({
  algorithm: z.literal(SIGNING_ALGORITHMS).default(13),
  keys: z.enum(['split', 'csk']).default('split'),
  denial: denialSchema.default({ kind: 'nsec' }),
  fault: z.enum(ZONE_FAULTS).optional(),
});

const schema = z.strictObject({
  servers: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        address: z.string().refine((text) => isIP(text) !== 0, 'is not an IP address'),
        zones: z.array(zoneFileName),
        faults: z.array(faultSchema).default([]),
      }),
    )
    .min(1),
  dnssec: z.record(zoneFileName, planSchema).default({}),
  suggestions: z.array(z.strictObject({ question: z.string().min(1), shows: z.string().min(1) })).default([]),
});

/** The map in YAML text. `file` is for the messages. Throws LabError. */
export function parseLabMap(text: string, file: string): LabMap {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    throw new LabError(document.errors.map((error) => `${file}:${lines.linePos(error.pos[0]).line}: ${error.message}`));
  }
  const parsed = schema.safeParse(document.toJS());
  if (!parsed.success) {
    throw new LabError(
      parsed.error.issues.map(
        ({ path, message }) => `${file}:${lineOf(document, path, lines)}: ${path.join('.') || 'lab map'}: ${message}`,
      ),
    );
  }
  const twice = parsed.data.servers.find((server, i, all) => all.findIndex((s) => s.address === server.address) < i);
  if (twice !== undefined) throw new LabError([`${file}: two servers have the address ${twice.address}`]);
  const served = new Set(parsed.data.servers.flatMap((server) => server.zones));
  const unserved = Object.keys(parsed.data.dnssec).find((name) => !served.has(name));
  if (unserved !== undefined) {
    const line = lineOf(document, ['dnssec', unserved], lines);
    throw new LabError([`${file}:${line}: dnssec.${unserved}: no server serves this zone`]);
  }
  return parsed.data;
}

/** The line of the deepest key on the path that the file has. */
function lineOf(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[], lines: LineCounter): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
    if (Array.isArray(range)) return lines.linePos(range[0]).line;
  }
  return 1;
}
