/** What does an explanation come to, in a sentence, and what would mend what is wrong? For people who run resolvers. */
import { ExtendedErrorCode } from '../dns/extended-error.js';
import type { ExplainedData, ExplainedZone, Explanation } from '../ports/explanation.js';
import { IN_A_CIRCLE } from './answer-in-progress.js';

type Told = Omit<Explanation, 'summary' | 'remedy'>;

const STALE: readonly number[] = [ExtendedErrorCode.STALE_ANSWER, ExtendedErrorCode.STALE_NXDOMAIN_ANSWER];

interface Placed {
  readonly zone: ExplainedZone;
  /** The zone above it in the tree. */
  readonly parent: ExplainedZone | undefined;
  readonly data: ExplainedData;
}

export function summaryOf(told: Told): string {
  const deciding = decidingPlace(told);
  const { zone, data } = deciding ?? {};
  const reason = told.because[0]?.text;
  if (told.verdict === 'bogus') return reason ?? 'it is bogus';
  if (told.rcode === null) return `nothing is known of ${data?.name ?? told.question.name} ${told.question.type}`;
  if (told.rcode === 'SERVFAIL') return reason ?? 'it could not be resolved';
  if (told.because.some(({ code }) => STALE.includes(code)))
    return `clients get data past its TTL (RFC 8767): ${reason}`;
  if (zone?.links[0]?.kind === 'local-policy') return `${zone.zone} is answered by local policy, nobody is asked`;
  switch (told.verdict) {
    case 'secure':
      return doubtAbout(told.zones) ?? `every link from the trust anchor of ${told.zones[0]?.zone ?? '.'} down holds`;
    case 'insecure':
      return `trust ends on the way: ${data?.because[0] ?? optOutOf(data) ?? (zone?.because || 'it is not signed')}`;
    case 'indeterminate':
      return zone?.because || 'nothing says whether it must be signed';
    case 'unchecked':
    case null:
      return zone?.because || 'it was not checked';
    default:
      return told.verdict satisfies never;
  }
}

/** The verdict is that of the time it was fetched: what does not bear it out any more is said. */
function doubtAbout(zones: readonly ExplainedZone[]): string | undefined {
  for (const zone of zones) {
    for (const link of [...zone.links, ...zone.data]) {
      if ('kind' in link && link.kind === 'gone') {
        return `it was secure when it was fetched; ${link.type} of ${link.name} is no longer in the cache`;
      }
      const signatures = 'signatures' in link ? link.signatures : [];
      const [first] = signatures;
      if (first?.check === 'invalid' && signatures.every(({ check }) => check === 'invalid')) {
        return `it was secure when it was fetched; by now a signature by key ${first.keyTag} of ${first.signer} ${first.because}`;
      }
    }
    const below = doubtAbout(zone.below);
    if (below !== undefined) return below;
  }
  return undefined;
}

/** A proof that opt-out weakens is as good as none (RFC 5155 §9.2): the words say where. */
function optOutOf(data: ExplainedData | undefined): string | undefined {
  return data?.denial?.words.find((word) => word.includes('opt-out'));
}

/** The name that decided the verdict, with the zone it is in: the first of the alias chain that is no better. */
function decidingPlace(told: Told): Placed | undefined {
  const places = told.zones.flatMap((zone) => placesIn(zone, undefined));
  places.sort((a, b) => a.data.step - b.data.step);
  return places.find(({ data }) => data.verdict === told.verdict && told.rcode !== null) ?? places[places.length - 1];
}

function placesIn(zone: ExplainedZone, parent: ExplainedZone | undefined): Placed[] {
  return [
    ...zone.data.map((data) => ({ zone, parent, data })),
    ...zone.below.flatMap((child) => placesIn(child, zone)),
  ];
}

export function remedyFor(told: Told): string {
  const place = decidingPlace(told);
  if (place === undefined || told.rcode === null) return '';
  const code = told.because[0]?.code;
  if (told.verdict === 'bogus') {
    if (isOwnAnchorOutOfDate(code, place)) return anchorRemedy(place.zone.zone);
    return `${bogusRemedy(code, place, told)} ${untilThen(place.zone.zone, told.judgedAt)}`;
  }
  if (told.rcode === 'SERVFAIL') return failureRemedy(told);
  return told.verdict === 'insecure' ? insecureRemedy(code, place) : '';
}

/** Milliseconds. RFC 7646 §2: such an anchor should not outlive a week. */
const A_WEEK = 7 * 24 * 3_600_000;

/** A line to paste. Single quotes: in double ones YAML would take the backslashes of a name for its own. */
function untilThen(zone: string, judgedAt: string): string {
  const until = new Date(Date.parse(judgedAt) + A_WEEK).toISOString().replace('.000', '');
  return (
    'If it cannot wait and you accept unproved answers: a negative trust anchor, ' +
    `dnssec.negativeTrustAnchors: [{ name: ${quoted(zone, "''")}, until: ${until}, reason: why }].`
  );
}

/** @param apostrophe how one is written between single quotes: YAML and shells differ */
function quoted(text: string, apostrophe: string): string {
  return `'${text.replaceAll("'", apostrophe)}'`;
}

/** No key of the zone is the one that is configured here: then it is our configuration that wants a look first. */
function isOwnAnchorOutOfDate(code: number | undefined, { zone }: Placed): boolean {
  return code === ExtendedErrorCode.DNSKEY_MISSING && zone.links[0]?.kind === 'anchor' && zone.trust === 'bogus';
}

function anchorRemedy(zone: string): string {
  return (
    `See that the trust anchors here are those of ${zone} today (rootwalk anchors; dnssec.trustAnchors, or a newer rootwalk ` +
    'for the built-in ones), and that nobody on the way answers in place of its servers.'
  );
}

function bogusRemedy(code: number | undefined, place: Placed, { judgedAt }: Told): string {
  const { zone } = place.zone;
  switch (code) {
    case ExtendedErrorCode.SIGNATURE_EXPIRED:
      return `Whoever runs ${zone} must sign it again. See first that the clock here is right: it was ${judgedAt}.`;
    case ExtendedErrorCode.SIGNATURE_NOT_YET_VALID:
      return `See that the clock here is right: it was ${judgedAt}. If it is, ${zone} was signed with a wrong one.`;
    case ExtendedErrorCode.DNSKEY_MISSING:
    case ExtendedErrorCode.RRSIGS_MISSING:
      return missingRemedy(place);
    case ExtendedErrorCode.NSEC_MISSING:
      return `Whoever runs ${zone} must have it signed with an NSEC or NSEC3 chain, and serve those records.`;
    case ExtendedErrorCode.DNSSEC_INDETERMINATE:
      return `The servers above ${zone} must answer for its DS.`;
    default:
      return `Whoever runs ${zone} must serve what was signed with the keys it publishes, on all its servers; unless it is changed on the way here.`;
  }
}

/** Which end of the chain does not fit: the parent's DS, or the zone's own keys and signatures? */
function missingRemedy({ zone, parent }: Placed): string {
  const keys = zone.links.find((link) => link.kind === 'keys');
  const above = parent?.zone ?? 'the trust anchor';
  if (zone.trust !== 'secure' && keys?.kind === 'keys' && keys.keys.length === 0) {
    return `Whoever runs ${zone.zone} must sign it, or have the DS in ${above} removed.`;
  }
  if (zone.trust !== 'secure' && keys?.kind === 'keys') {
    return `Whoever runs ${zone.zone} must have the DS in ${above} replaced by that of a key it has, or bring that key back.`;
  }
  return `Whoever runs ${zone.zone} must sign what it serves with the keys it publishes, and serve the signatures.`;
}

function failureRemedy({ because, question }: Told): string {
  if (because.some(({ text }) => text.endsWith(IN_A_CIRCLE))) {
    return 'Whoever runs the zones of these names must have one of the CNAME or DNAME records lead out of the circle.';
  }
  const show = `rootwalk query ${shellWord(question.name)} ${question.type} --trace shows every attempt`;
  const unreachable = because.some(({ code }) => code === ExtendedErrorCode.NO_REACHABLE_AUTHORITY);
  return unreachable
    ? `See whether its name servers can be reached from here, and answer for it; ${show}.`
    : `To see why: ${show}.`;
}

/** The command is there to be pasted, and names may hold anything a shell would run. */
function shellWord(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : quoted(name, "'\\''");
}

function insecureRemedy(code: number | undefined, { zone, parent }: Placed): string {
  if (code === ExtendedErrorCode.NEGATIVE_TRUST_ANCHOR)
    return 'Take it out of dnssec.negativeTrustAnchors once it is mended.';
  if (code === ExtendedErrorCode.UNSUPPORTED_NSEC3_ITERATIONS) {
    return `Whoever runs ${zone.zone} should set the iterations to 0 (RFC 9276 §3.1).`;
  }
  if (zone.trust === 'insecure' && zone.links.some((link) => link.kind === 'ds')) {
    return `Whoever runs ${zone.zone} should have a DS in ${parent?.zone ?? '.'} of an algorithm and a digest type in common use.`;
  }
  return '';
}
