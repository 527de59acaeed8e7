/** What a field of RDATA must be able to do. One description gives text to octets, octets to text, octets to JSON. */
import type { OctetReader } from '../octet-reader.js';
import type { TokenReader } from '../token-reader.js';

export interface FieldCodec {
  /** Takes its words and gives its octets. Throws PresentationError. */
  readonly fromTokens: (tokens: TokenReader) => string;
  /**
   * Takes its octets and gives its words, '' for none. Throws PresentationError for octets whose text would not read
   * back as the same octets: such RDATA is shown as RFC 3597 §5 `\#`.
   */
  readonly toText: (octets: OctetReader) => string;
  readonly toJson: (octets: OctetReader) => unknown;
}

interface ValueCodec<V> {
  readonly fromTokens: (tokens: TokenReader) => string;
  readonly take: (octets: OctetReader) => V;
  readonly text: (value: V) => string;
  /** The value itself when absent. */
  readonly json?: (value: V) => unknown;
}

/** A field whose octets are first understood as a value, then shown in one way or the other. */
export function fieldOf<V>({ fromTokens, take, text, json }: ValueCodec<V>): FieldCodec {
  return {
    fromTokens,
    toText: (octets) => text(take(octets)),
    toJson: (octets) => (json === undefined ? take(octets) : json(take(octets))),
  };
}
