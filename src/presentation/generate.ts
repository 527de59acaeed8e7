/**
 * `$GENERATE`, BIND's shorthand for records that differ by a number: `$GENERATE 1-9/2 host-$ A 192.0.2.$`.
 * In every word after the range, `$` is the number, `${offset,width,base}` the number plus an offset, padded with
 * zeros, in base d, o, x or X; `$$` and `\$` are a dollar.
 */
import { PresentationError } from './presentation-error.js';

/** Records one directive may make: a range that covers all of 16 bits. */
const MAX_GENERATED = 65_536;
/** Digits a number may be padded to: no label is longer. */
const MAX_WIDTH = 63;

/** The words of each record the directive stands for, owner first. Throws PresentationError. */
export function* expandGenerate(tokens: readonly string[]): Generator<readonly string[]> {
  const [, range = '', ...template] = tokens;
  const [, from, to, by] = /^(\d{1,10})-(\d{1,10})(?:\/(\d{1,10}))?$/.exec(range) ?? [];
  const [start, stop, step] = [Number(from), Number(to), Number(by ?? 1)];
  if (from === undefined || step === 0 || start > stop || stop > 0x7fffffff) {
    throw new PresentationError(`"${range}" is not a range like 1-100 or 0-254/2`);
  }
  if ((stop - start) / step >= MAX_GENERATED) {
    throw new PresentationError(`$GENERATE ${range} makes more than ${MAX_GENERATED} records`);
  }
  if (template.length === 0) throw new PresentationError('$GENERATE needs an owner, a type and RDATA after its range');
  for (let value = start; value <= stop; value += step) yield template.map((word) => substitute(word, value));
}

function substitute(word: string, value: number): string {
  return word.replace(/\\\$|\$\$|\$\{([^}]*)\}|\$|\\./g, (match: string, modifiers: string | undefined) => {
    if (match === '\\$' || match === '$$') return '\\$';
    if (match.startsWith('\\')) return match;
    return modifiers === undefined ? String(value) : modified(modifiers, value);
  });
}

function modified(modifiers: string, value: number): string {
  const [, offset, width = '0', base = 'd'] = /^([+-]?\d{1,10})(?:,(\d{1,2})(?:,([doxX]))?)?$/.exec(modifiers) ?? [];
  const shifted = value + Number(offset);
  if (offset === undefined || Number(width) > MAX_WIDTH || shifted < 0) {
    throw new PresentationError(`"\${${modifiers}}" is not an offset, width and base like \${0,3,d}`);
  }
  const digits = shifted.toString(base === 'd' ? 10 : base === 'o' ? 8 : 16).padStart(Number(width), '0');
  return base === 'X' ? digits.toUpperCase() : digits;
}
