import { describe, expect, it } from 'vitest';
import { sockaddrOf } from '../../src/native/udp-socket.js';
import type { Batch } from '../../src/server/batched-udp-listener.js';
import { ClientNames } from '../../src/server/client-names.js';
import type { CrossedQuestion } from '../../src/server/fronts/crossing.js';
import type { Link } from '../../src/server/fronts/link.js';
import { QuestionDesk } from '../../src/server/fronts/question-desk.js';

const question = {
  place: 0,
  octets: Buffer.alloc(12),
  arrived: 0,
  name: sockaddrOf({ address: '127.0.0.1', port: 53 }),
  uncounted: 0,
};
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A front that has passed on so many questions, and ends when they are answered. */
function frontWith(count: number): Link {
  let left = count;
  return {
    get hasEnded() {
      return left === 0;
    },
    questions: () => Promise.resolve(),
    take: () => {
      if (left === 0) return undefined;
      left--;
      return question as unknown as CrossedQuestion;
    },
  } as unknown as Link;
}

describe('the questions of a front', () => {
  it('are taken up a few in each turn of the event loop, as those of a socket are', async () => {
    let answered = 0;
    const desk = new QuestionDesk({
      batch: { clients: new ClientNames() } as unknown as Batch,
      clock: { now: () => 0 },
      handle: () => {
        answered++;
        return undefined;
      },
    });
    desk.listeners.set(0, { send: () => {}, later: () => () => {}, answer: () => {} } as never);
    void desk.serve(frontWith(40));
    const seen: number[] = [];
    for (let i = 0; i < 6; i++) {
      await turn();
      seen.push(answered);
    }
    expect(seen[0]).toBe(16);
    expect(seen.at(-1)).toBe(40);
  });
});
