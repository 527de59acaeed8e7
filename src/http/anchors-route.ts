/** Which trust anchors are there, and where is validation off? Nothing here is secret: RFC 7646 wants the latter told. */
import type { FastifyInstance } from 'fastify';
import { nameToText } from '../dns/name.js';
import type { Inspection, TrustAnchorView, TrustView } from '../ports/inspection.js';
import { type QueryParameters, refuseParameters } from './cache-parameters.js';

/** Times are ISO 8601, UTC; null where there is none. */
export interface AnchorsBody {
  readonly anchors: readonly {
    /** Presentation form, absolute. */
    readonly zone: string;
    readonly keyTag: number;
    readonly algorithm: string;
    readonly state: TrustAnchorView['state'];
    readonly source: TrustAnchorView['source'];
    readonly since: string | null;
    readonly lastSeen: string | null;
    /** When a key in its hold-down becomes an anchor, if it stays. */
    readonly validFrom: string | null;
  }[];
  readonly refreshes: readonly {
    readonly zone: string;
    readonly lastRefresh: string | null;
    /** Why the last one failed. */
    readonly failure: string | null;
    readonly nextRefresh: string | null;
  }[];
  readonly negative: readonly {
    readonly name: string;
    readonly until: string | null;
    readonly reason: string;
    readonly expired: boolean;
  }[];
  readonly file: string | null;
}

export function addAnchorsRoute(app: FastifyInstance, inspection: Inspection): void {
  app.get('/anchors', async (request) => {
    refuseParameters(request.query as QueryParameters);
    return anchorsBody(inspection.trust());
  });
}

function anchorsBody({ anchors, refreshes, negative, file }: TrustView): AnchorsBody {
  return {
    anchors: anchors.map(({ zone, keyTag, algorithm, state, source, since, lastSeen, validFrom }) => ({
      zone: nameToText(zone),
      keyTag,
      algorithm,
      state,
      source,
      since: timeOf(since),
      lastSeen: timeOf(lastSeen),
      validFrom: timeOf(validFrom),
    })),
    refreshes: refreshes.map(({ zone, last, next }) => ({
      zone: nameToText(zone),
      lastRefresh: timeOf(last?.at),
      failure: last?.failure ?? null,
      nextRefresh: timeOf(next),
    })),
    negative: negative.map(({ name, until, reason, isExpired }) => ({
      name: nameToText(name),
      until: timeOf(until ?? undefined),
      reason,
      expired: isExpired,
    })),
    file: file ?? null,
  };
}

/** @param time milliseconds since 1970 */
function timeOf(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
