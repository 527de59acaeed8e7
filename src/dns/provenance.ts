/**
 * Where a piece of data came from. Every cache entry has one; `cache get`, `why`, eviction and EDE texts read it.
 */

/**
 * How far data may be believed, in rising order (RFC 2181 §5.4.1): may this replace that? is a comparison.
 * Glue and additional data never answer clients.
 */
export const Credibility = {
  additional: 1,
  glue: 2,
  authorityReferral: 3,
  answerNonAuthoritative: 4,
  authorityAuthoritative: 5,
  answerAuthoritative: 6,
  local: 7,
} as const;
export type Credibility = (typeof Credibility)[keyof typeof Credibility];

export function credibilityName(credibility: number): string {
  return Object.entries(Credibility).find(([, value]) => value === credibility)?.[0] ?? `credibility ${credibility}`;
}

export type Section = 'answer' | 'authority' | 'additional';
export type Transport = 'udp' | 'tcp' | 'local';

export interface Provenance {
  /** ServerAddress.key of the server that said it, '' for local data. */
  readonly server: string;
  readonly transport: Transport;
  readonly section: Section;
  readonly credibility: Credibility;
  /** The question (name and type as text, "www.example. A") whose resolution brought it. */
  readonly askedFor: string;
  /** What fetching it cost: milliseconds waited and exchanges made since the client's question. */
  readonly costMs: number;
  readonly costExchanges: number;
  /** Another instance asked that server; it came here by the shared cache. */
  readonly shared?: true;
}
