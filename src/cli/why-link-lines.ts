/** How does one link of the chain of trust read: an anchor, a DS, the keys of a zone, a proof, a signature? */
import type {
  ChainLink,
  ExplainedDenial,
  ExplainedDs,
  ExplainedKey,
  ExplainedSignature,
  LinkOrigin,
} from '../ports/explanation.js';
import { counted, span } from './figures.js';

/** One line before it is drawn. */
export interface Line {
  readonly depth: number;
  /** What it is about, in a column of its own. */
  readonly label?: string;
  readonly text: string;
  readonly tone?: 'bold' | 'dim' | 'green' | 'yellow' | 'red' | undefined;
}

export function linkLines(link: ChainLink, depth: number): Line[] {
  switch (link.kind) {
    case 'anchor':
      return [
        ...link.ds.map((ds) => ({ depth, label: 'anchor', text: `DS ${dsText(ds)}; ${link.source}` })),
        // Nothing is above an anchor that could vouch for it.
        ...link.keys.map((key) => ({
          ...{ depth, label: 'anchor' },
          text: `DNSKEY ${keyText({ ...key, trusted: false })}; ${link.source}`,
        })),
      ];
    case 'ds':
      return [
        ...link.ds.map((ds) => ({ depth, label: 'DS', text: dsText(ds) })),
        ...link.signatures.map((signature) => signatureLine(signature, depth)),
        ...originLines(link.origin, depth),
      ];
    case 'keys':
      return [
        ...(link.keys.length === 0 ? [{ depth, label: 'key', text: 'none: the zone has no DNSKEY' }] : []),
        ...link.keys.map((key) => ({ depth, label: 'key', text: keyText(key) })),
        ...link.signatures.map((signature) => signatureLine(signature, depth)),
        ...originLines(link.origin, depth),
      ];
    case 'no-ds':
      return [...proofLines('no DS', link.denial, depth), ...originLines(link.origin, depth)];
    default:
      return [{ depth, tone: 'yellow', ...bareLine(link) }];
  }
}

function bareLine(
  link: Exclude<ChainLink, { kind: 'anchor' | 'ds' | 'keys' | 'no-ds' }>,
): Pick<Line, 'label' | 'text'> {
  switch (link.kind) {
    case 'gone':
      return { label: link.type, text: `not in the cache: the chain cannot be followed from here` };
    case 'failed':
      return { label: link.type, text: `could not be had: ${link.because.join('; ')}` };
    case 'negative-anchor':
      return { label: 'anchor', text: `negative${link.until === null ? '' : `, until ${link.until}`}` };
    case 'no-anchor':
      return { label: 'anchor', text: 'none' };
    case 'local-policy':
      return { label: 'policy', text: 'answered here, by a local or special-use zone' };
    case 'validation-off':
      return { label: 'anchor', text: 'not used: dnssec.mode is off' };
    default:
      return link satisfies never;
  }
}

function dsText({ keyTag, algorithm, digestType, unusable, matches }: ExplainedDs): string {
  const fate = unusable !== '' ? `not used: ${unusable}` : FATES[String(matches)];
  return `${keyTag}, ${algorithm}, ${digestType}: ${fate}`;
}

const FATES: Readonly<Record<string, string>> = {
  true: 'matches a key of the zone',
  false: 'NO KEY of the zone matches',
  null: 'the keys of the zone are not known',
};

function keyText({ keyTag, role, algorithm, revoked, trusted, signsKeys }: ExplainedKey): string {
  const more = [
    ...(revoked ? ['REVOKED'] : []),
    ...(trusted ? ['vouched for from above'] : []),
    ...(signsKeys ? ['signs the keys'] : []),
  ];
  return `${keyTag} ${role}, ${algorithm}${more.length === 0 ? '' : `: ${more.join(', ')}`}`;
}

export function proofLines(label: string, denial: ExplainedDenial | null, depth: number): Line[] {
  if (denial === null) return [];
  return [
    ...denial.words.map((text) => ({ depth, label, text })),
    ...denial.records.flatMap(({ owner, type, signatures }) =>
      signatures.map((signature) => signatureLine(signature, depth, `${type} ${owner} `)),
    ),
  ];
}

export function signatureLine(signature: ExplainedSignature, depth: number, before = ''): Line {
  const { keyTag, signer, algorithm, expiresIn, expiration, inception, wildcard, originalTtl } = signature;
  const by = `${before}signed by key ${keyTag} of ${signer}, ${algorithm}`;
  if (signature.check !== 'valid') {
    const [text, tone] = signature.check === 'invalid' ? (['DOES NOT HOLD', 'red'] as const) : UNCHECKED;
    return { depth, label: 'RRSIG', text: `${by}: ${text}: ${signature.because}`, tone };
  }
  const end = expiresIn >= 0 ? `expires in ${span(expiresIn)}` : `expired ${span(-expiresIn)} ago, within tolerance`;
  const from = wildcard === null ? '' : `; the records are those of ${wildcard}`;
  return {
    depth,
    label: 'RRSIG',
    text: `${by}, ${end} (${inception} to ${expiration}, TTL ${originalTtl})${from}`,
  };
}

const UNCHECKED = ['not checked', 'yellow'] as const;

export function originLines(origin: LinkOrigin | null, depth: number): Line[] {
  if (origin === null) return [];
  const { server, transport, ageSeconds, askedFor, costMs, costExchanges, ttlLeft } = origin;
  const who = server === '' ? 'the referral of its parent' : `${server} over ${transport}`;
  const age = ageSeconds === null ? '' : `, ${span(ageSeconds)} ago`;
  const cost = `for ${askedFor} (${counted(costExchanges, 'exchange')}, ${Math.round(costMs)} ms)`;
  return [{ depth, label: 'from', text: `${who}${age}, ${cost}; kept for ${span(ttlLeft)}`, tone: 'dim' }];
}
