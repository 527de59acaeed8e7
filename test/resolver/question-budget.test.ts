import { expect, test } from 'vitest';
import { type BudgetLimits, QuestionBudget } from '../../src/resolver/question-budget.js';
import { SimClock } from '../sim/clock.js';

const limits: BudgetLimits = {
  exchanges: 3,
  nsLookups: 2,
  aliases: 2,
  referrals: 2,
  signatures: 1,
  nsec3Hashes: 1,
  wallTime: 1000,
};

test('a bound is a bound, and says which it was', () => {
  const budget = new QuestionBudget(limits, new Set(), new SimClock(), () => undefined);
  expect([1, 2, 3, 4].map(() => budget.charge('exchanges'))).toEqual([true, true, true, false]);
  expect(budget.exhausted).toBe('limit exchanges of 3 for one question is reached');
  expect(budget.charge('nsLookups')).toBe(true);
});

test('time is a bound like the others', async () => {
  const clock = new SimClock();
  const budget = new QuestionBudget(limits, new Set(), clock, () => undefined);
  await clock.pass(400);
  expect(budget.timeLeft()).toBe(600);
  await clock.pass(600);
  expect(budget.charge('referrals')).toBe(false);
  expect(budget.exhausted).toContain('wallTime');
});

test('a bound in shadow mode counts what it would have stopped', () => {
  const told: string[] = [];
  const budget = new QuestionBudget(limits, new Set(['referrals']), new SimClock(), (bound) => told.push(bound));
  expect([1, 2, 3, 4].map(() => budget.charge('referrals'))).toEqual([true, true, true, true]);
  expect(told).toEqual(['referrals', 'referrals']);
  expect(budget.exhausted).toBeUndefined();
});
