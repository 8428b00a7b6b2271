/** The interpreter is optimised before a machine runs: what for that is interpreted needs no machine. */
import { interpreterCode, warmUp } from '../../src/engine/interpreter-module.js';

it.each([false, true])('interprets a jump to itself, once a process (timed: %s)', (timed) => {
  expect([warmUp(timed), warmUp(timed)]).toEqual([20_000, 0]);
  expect(interpreterCode(timed)).toBe(interpreterCode(timed));
});
