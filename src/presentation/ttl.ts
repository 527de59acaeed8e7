/** TTLs as people write them: seconds, or numbers with units (`1h30m`), as master files have had them since BIND 8. */
import { PresentationError } from './presentation-error.js';

const UINT32_MAX = 0xffffffff;

/** Seconds, 0..2^32-1. Throws PresentationError. Every number needs a unit, unless it stands alone. */
export function ttlFromText(text: string): number {
  let total = 0;
  let number = -1;
  let hasUnits = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x30 && code <= 0x39) {
      number = (number < 0 ? 0 : number) * 10 + code - 0x30;
    } else {
      const seconds = secondsOf(code | 0x20);
      if (seconds === 0 || number < 0) throw new PresentationError(`"${text}" is not a time: write 3600, 1h or 1h30m`);
      total += number * seconds;
      number = -1;
      hasUnits = true;
    }
    // Checked at every digit, so the numbers stay exact however long the text is.
    if (total > UINT32_MAX || number > UINT32_MAX) throw new PresentationError(`"${text}" is above 4294967295 seconds`);
  }
  if (hasUnits === number >= 0) throw new PresentationError(`"${text}" is not a time: write 3600, 1h or 1h30m`);
  return hasUnits ? total : number;
}

/** Seconds of a unit given as its lower-case character code; 0 for anything else. */
function secondsOf(code: number): number {
  switch (code) {
    case 0x73: // s
      return 1;
    case 0x6d: // m
      return 60;
    case 0x68: // h
      return 3600;
    case 0x64: // d
      return 86400;
    case 0x77: // w
      return 604800;
    default:
      return 0;
  }
}
