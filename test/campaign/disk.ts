import type { Scenario } from './scenario.js';
export const disk: Scenario = {
  name: 'disk',
  about: 'x',
  cases: { short: 0, long: 0 },
  open: async () => ({ run: async () => ({ outcome: 'x' }) }),
};
