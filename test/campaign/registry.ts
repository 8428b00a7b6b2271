/**
 * The scenarios of the fault campaign, in the order in which they are run.
 */
import { bulk } from './bulk.js';
import { diff } from './diff.js';
import { disk } from './disk.js';
import { engines } from './engines.js';
import { kill } from './kill.js';
import { mutate } from './mutate.js';
import { pipes } from './pipes.js';
import { snapshots } from './snapshots.js';
import type { Scenario } from './scenario.js';

export const SCENARIOS: readonly Scenario[] = [kill, mutate, pipes, disk, diff, engines, snapshots, bulk];
