/** A claimant of the tests (arbiters.ts): claims what it is sent, at the moment it is sent. */
import { openArbiter, parseArbiter } from '../../src/host/arbiter-option.js';
import type { Claim } from '../../src/pair/arbiter.js';

const arbiter = openArbiter(parseArbiter(process.argv[2] ?? ''));

process.on('message', ({ moment, claim: { run, epoch, holder, previous } }: { moment: number; claim: Claim }) => {
  while (Date.now() < moment);
  arbiter.claim(run, epoch, holder, previous).then(
    (won) => process.send?.({ won }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
