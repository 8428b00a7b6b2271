/** What a machine in a test needs where the test does not say: nothing, and it listens to its console. */
import type { Need } from '../../src/machine/environment.js';

export const needing = (need: Partial<Need> = {}): Need => ({
  deadline: Infinity,
  idle: false,
  consoleRoom: 0,
  consoleListens: true,
  takesFrames: () => false,
  diskRequest: () => undefined,
  ...need,
});
