/** How many octets does "256MiB" mean? */

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Octets from "268435456", "256MiB" (binary), "256MB" (decimal) or "256M" (binary), in any case. Throws RangeError. */
export function octetsFromSizeText(text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)\s*([a-z]*)$/i.exec(text.trim());
  const factor = match?.[2] === '' ? 1 : UNITS[match?.[2]?.toLowerCase() ?? ''];
  if (!match || factor === undefined) {
    throw new RangeError(`"${text}" is not a size: write a number of octets or one with a unit, like 256MiB or 1GB`);
  }
  return Math.round(Number(match[1]) * factor);
}
