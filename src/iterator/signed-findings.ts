/**
 * What does a reply say of a name outside the zone that was asked, signed so that it can prove itself? A server that has
 * both ends of an alias tells of both (RFC 1034 §4.3.2), with the denial of the far end when there is none (RFC 6604 §3).
 *
 * The server has no say there: nothing of this may be used before it was validated as secure (RFC 2181 §5.4.1 gives
 * way to a signature, RFC 4035 §5).
 */
import type { Finding } from '../dns/finding.js';
import type { Message } from '../dns/message.js';
import { type DomainName, ROOT } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { classify } from './classify.js';
import type { IteratorEnvironment } from './environment.js';
import { scrub, scrubRules } from './scrub.js';

/** Findings from that name on, alias by alias. Nothing when the reply is unsigned. */
export function signedFindings(
  { settings }: IteratorEnvironment,
  message: Message,
  from: DomainName,
  type: number,
): { readonly name: DomainName; readonly finding: Finding }[] {
  if (!message.aa || ![...message.answer, ...message.authority].some((record) => record.type === Type.RRSIG)) return [];
  // Whatever zone it is, it is below the root. What is dropped here was told to the trace before.
  const step = classify(scrub(message, scrubRules(settings, ROOT, from, type), undefined), false);
  const said = step.kind === 'finding' ? [step.finding] : step.kind === 'alias' ? [...step.chain, step.end] : [];
  const findings: { name: DomainName; finding: Finding }[] = [];
  let name = from;
  for (const finding of said) {
    if (finding === undefined || !isSigned(finding)) break;
    findings.push({ name, finding });
    if (finding.kind === 'alias') name = finding.target;
  }
  return findings;
}

function isSigned(finding: Finding): boolean {
  switch (finding.kind) {
    case 'answer':
      return finding.rrset.signatures.length > 0;
    case 'alias':
      return (finding.dname ?? finding.rrset).signatures.length > 0;
    case 'too-long':
      return finding.dname.signatures.length > 0;
    case 'nodata':
    case 'nxdomain':
      return finding.soa !== undefined && finding.proof.length > 0;
    default:
      return finding satisfies never;
  }
}
