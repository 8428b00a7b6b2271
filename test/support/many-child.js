/**
 * Runs recordings and replays one after another in one process: the commands' own code on the host's own clock, without
 * a start of a process for each. A job comes as a message, its outcome goes back as one.
 */
import { recordGuest } from '../../dist/commands/verbs/record-guest.js';
import { replayLog } from '../../dist/commands/verbs/replay-log.js';

const common = { until: undefined, 'pcap-out': undefined, json: true, quiet: false };
const defaults = {
  record: {
    ...common,
    ...{ memory: '128M', clock: 'host', entropy: 'host', net: undefined, append: '', 'time-limit': undefined },
    ...{ force: true, embed: true, 'digest-every': undefined },
  },
  replay: { ...common, guest: undefined, disk: undefined, follow: false },
};

/** Gathers what is written to a standard stream from now on. */
function gather(stream) {
  const chunks = [];
  stream.write = (chunk, encoding, done) => {
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk));
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback) process.nextTick(callback);
    return true;
  };
  return () => Buffer.concat(chunks.splice(0));
}

const stdout = gather(process.stdout);
const stderr = gather(process.stderr);

async function run({ command, path, flags }) {
  let status;
  try {
    const all = { ...defaults[command], ...flags };
    const { firmware, initrd } = all;
    const record = () => recordGuest({ kernel: path, firmware, initrd }, all, 'vmft 0');
    status = command === 'record' ? await record() : await replayLog(path, all);
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
  }
  return { status, stdout: stdout().toString('base64'), stderr: stderr().toString() };
}

// Two commands at once would share the standard streams.
let last = Promise.resolve();
process.on('message', (job) => {
  last = last.then(async () => process.send(await run(job)));
});
