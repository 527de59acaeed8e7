/** RDATA as an object for JSON output: what the CLI's --json and the HTTP API show. */
import type { Octets } from '../dns/octets.js';
import { hexText } from './fields/blob-fields.js';
import { OctetReader } from './octet-reader.js';
import { PresentationError } from './presentation-error.js';
import { fieldsOf, SPREAD } from './rdata-table.js';

/**
 * The fields under the names of the type's RFC, in camelCase; `{ hex }` when the type is unknown or the octets do not
 * fit it. Names are in presentation form; octets beyond printable ASCII are `\DDD`. Never throws.
 */
export function rdataToFields(type: number, rdata: Octets): Record<string, unknown> {
  const fields = fieldsOf(type);
  if (fields === undefined) return { hex: hexText(rdata) };
  try {
    const reader = new OctetReader(rdata);
    const values: Record<string, unknown> = {};
    for (const { name, codec } of fields) {
      const value = codec.toJson(reader);
      if (name === SPREAD) Object.assign(values, value);
      else values[name] = value;
    }
    return reader.remaining > 0 ? { hex: hexText(rdata) } : values;
  } catch (error) {
    if (error instanceof PresentationError) return { hex: hexText(rdata) };
    throw error;
  }
}
