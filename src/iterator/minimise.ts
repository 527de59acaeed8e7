/** QNAME minimisation (RFC 9156): how much of the name the next server gets to see. */
import { type DomainName, labelCount, lastLabels } from '../dns/name.js';

export type Minimisation = 'off' | 'relaxed' | 'strict';

/** RFC 9156 §2.3: MINIMISE_ONE_LAB; so many questions add one label each before larger steps are taken. */
const ONE_LABEL_STEPS = 4;

/**
 * The name to ask at a zone cut. `known` is the number of labels known to exist on the way down (at least those of the
 * cut), `steps` how many minimised questions were asked before for this name, `maxSteps` MAX_MINIMISE_COUNT.
 */
export function minimisedName(name: DomainName, known: number, steps: number, maxSteps: number): DomainName {
  const total = labelCount(name);
  const left = total - known;
  if (left <= 1 || steps >= maxSteps) return name;
  const stride = steps < ONE_LABEL_STEPS ? 1 : Math.ceil(left / Math.max(1, maxSteps - steps));
  return lastLabels(name, known + stride);
}
