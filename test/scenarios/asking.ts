/** Ways to ask a world more than one question: one after another, or all at the same moment. */
import { nameFromText } from '../../src/dns/name.js';
import { Class, typeFromText } from '../../src/dns/numbers.js';
import type { Resolution } from '../../src/dns/resolution.js';
import type { ExchangeQuery } from '../../src/ports/exchange.js';
import type { World } from '../sim/world.js';

/** What came of a series of questions. */
export interface Series {
  readonly answers: readonly string[];
  /** The rcode of each answer. */
  readonly rcodes: readonly string[];
  /** Every exchange of the series. */
  readonly asked: readonly string[];
  readonly queries: readonly ExchangeQuery[];
  /** Milliseconds each question took. */
  readonly took: readonly number[];
}

/** Asks `count` questions in turn, with `pause` ms after each. */
export async function askInTurn(
  world: World,
  count: number,
  question: (i: number) => string,
  pause = 0,
): Promise<Series> {
  const answers: string[] = [];
  const asked: string[] = [];
  const queries: ExchangeQuery[] = [];
  const took: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = world.clock.now();
    answers.push(await world.ask(question(i)));
    took.push(world.clock.now() - start);
    if (pause > 0) await world.clock.pass(pause);
    asked.push(...world.asked);
    queries.push(...world.network.queries);
  }
  return { answers, rcodes: answers.map((answer) => answer.split('\n')[0]!), asked, queries, took };
}

/** Asks all the questions at the same moment; `world.asked` then holds what they took together. */
export function askTogether(world: World, questions: readonly string[]): Promise<Resolution[]> {
  world.network.asked.length = 0;
  world.network.queries.length = 0;
  const asking = questions.map((question) => {
    const [name = '', type = 'A'] = question.split(' ');
    return world.composed.resolver.resolve(
      { name: nameFromText(name), type: typeFromText(type)!, class: Class.IN },
      { checkingDisabled: false, trace: undefined },
    );
  });
  return world.clock.run(Promise.all(asking));
}
