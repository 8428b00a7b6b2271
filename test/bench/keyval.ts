/**
 * `node --import tsx test/bench/keyval.ts --from PORT --to PORT[,PORT] [--clients N] [--requests N | --seconds N] [--seed N]
 * [--image FILE] [--stop]`: clients of a guest `keyval` that has just started with `--net dgram:local=127.0.0.1:TO,remote=127.0.0.1:FROM`.
 * Tells requests a second, latencies and contradictions; with --image, what the guest's log lacks. Status 1 where something is wrong.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { Dice } from '../guest/replay-rig.js';
import { checkLog } from '../support/keyval-log.js';
import { Keyval, load, quantile } from '../support/keyval.js';
import { pause } from '../support/vmft.js';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '15002' },
    to: { type: 'string', default: '15001' },
    clients: { type: 'string', default: '4' },
    requests: { type: 'string', default: '2000' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    image: { type: 'string' },
    stop: { type: 'boolean', default: false },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const dice = new Dice(Number(values.seed));
const keyval = await Keyval.open(values.to.split(',').map(Number), { port: Number(values.from) });
await keyval.ready();
const start = performance.now();
let left = values.seconds === undefined ? Number(values.requests) : Infinity;
const end = start + Number(values.seconds ?? Infinity) * 1000;
await load(keyval, {
  clients: Number(values.clients),
  roll: (sides) => dice.roll(sides),
  more: () => left-- > 0 && performance.now() < end,
});
const seconds = (performance.now() - start) / 1000;
if (values.stop) keyval.stop();
await pause(100);
keyval.close();

const { history, latencies, resent } = keyval;
history.audit();
const faults = [...history.contradictions, ...history.refused];
if (values.image !== undefined) faults.push(...checkLog(readFileSync(values.image), history.writes).faults);
const share = (part: number): string => quantile(latencies, part).toFixed(1);
say(`${history.answers} requests, ${history.writes.length} of them writes, in ${seconds.toFixed(1)} s`);
say(`${(history.answers / seconds).toFixed(0)} a second, ${resent} sent again`);
say(`latency in ms: median ${share(0.5)}, 99 % ${share(0.99)}, longest ${share(1)}`);
for (const fault of faults) say(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
