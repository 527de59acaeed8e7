/**
 * Does this resolver trust the root key of a certain tag? What a user can find out by looking up two names (RFC 8509).
 *
 *   root-key-sentinel-is-ta-20326.example.org     SERVFAIL unless 20326 is a trust anchor of the root
 *   root-key-sentinel-not-ta-20326.example.org    SERVFAIL if it is
 *
 * Only where the whole answer, aliases included, is secure (§3.1): who validates nothing must answer both. The name
 * that counts is the one asked for, not one an alias leads to.
 */
import { ExtendedErrorCode } from '../dns/extended-error.js';
import type { Question } from '../dns/message.js';
import { firstLabel } from '../dns/name.js';
import { Rcode, Type } from '../dns/numbers.js';
import type { Resolution } from '../dns/resolution.js';

/** §3.1: five decimal digits, zeros in front. Names are lower-case already. */
const SENTINEL = /^root-key-sentinel-(is|not)-ta-(\d{5})$/;
const MAX_TAG = 0xffff;

/**
 * The resolution, or SERVFAIL in its place (§3.2). The query must be without CD. @param trustedTags of the root's
 * anchors; called for sentinel names only
 */
export function answerSentinel(
  question: Question,
  resolution: Resolution,
  trustedTags: () => readonly number[],
): Resolution {
  // HOT: nearly every name is told by the length of its first label.
  const length = question.name.charCodeAt(0);
  if (length !== 29 && length !== 30) return resolution;
  if (question.type !== Type.A && question.type !== Type.AAAA) return resolution;
  const label = SENTINEL.exec(firstLabel(question.name));
  if (label === null || resolution.security.kind !== 'secure') return resolution;
  const tag = Number(label[2]);
  if (tag > MAX_TAG) return resolution;
  const isTrusted = trustedTags().includes(tag);
  if (isTrusted === (label[1] === 'is')) return resolution;
  const text = `root-key-sentinel: ${tag} is ${isTrusted ? 'a' : 'no'} trust anchor of the root here (RFC 8509)`;
  const because = [{ code: ExtendedErrorCode.OTHER, text }];
  return { ...resolution, rcode: Rcode.SERVFAIL, answer: [], authority: [], because, authoritative: false };
}
