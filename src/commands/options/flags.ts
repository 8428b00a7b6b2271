/**
 * The options that several commands have, as oclif shows them in the help. What their values mean is read in
 * guest-options.ts and flag-values.ts, which help and start-up can do without.
 */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

/** An argument; never read from the standard input by itself. */
export const guestArgument = Args.string({
  name: 'guest',
  description: 'a Linux kernel, ELF or flat binary for RISC-V 64',
  required: true,
  ignoreStdin: true,
});

export const logArgument = Args.string({
  name: 'log',
  description: 'a log, or - for the standard input',
  required: true,
  ignoreStdin: true,
});

export const quietFlag = Flags.boolean({ char: 'q', description: 'no notices, progress and summary' });
export const untilFlag = Flags.string({ helpValue: 'N', description: 'stop at position N (instructions since reset)' });
export const pcapFlag = Flags.string({
  helpValue: 'FILE',
  description: 'write all network frames to FILE, in guest time',
});
export const guestFlag = Flags.string({
  helpValue: 'FILE',
  multiple: true,
  multipleNonGreedy: true,
  description: 'the guest (or its firmware or ramdisk) of a log that was recorded with --no-embed; repeatable',
});
export const diskImageFlag = Flags.string({
  helpValue: 'FILE',
  multiple: true,
  multipleNonGreedy: true,
  description: "a disk's image, where it is not at the place that the log names; repeatable",
});
export const jsonSummaryFlag = Flags.boolean({
  description: 'the summary as one JSON line: the last line of stderr, since stdout is the console',
});
export const engineFlag = Flags.string({
  helpValue: 'interpreter|translator|auto',
  description:
    'what executes instructions: an interpreter, code translated to WebAssembly, or that for what is hot (auto, the default); nothing the guest or a log can tell apart',
});
export const statsFlag = Flags.boolean({
  description:
    'tell at the end what the engine has done: instructions and time by tier, regions, TLB misses, exits by cause',
});

/** What `run`, `record` and whatever else starts a guest can be told. */
export const guestFlags = {
  memory: Flags.string({ helpValue: 'SIZE', description: 'RAM, 1M to 3G in steps of 4K (128M)' }),
  clock: Flags.string({
    helpValue: 'host|virtual',
    description: "the guest's time: the host's (the default), or 10 ns for each instruction",
  }),
  entropy: Flags.string({
    helpValue: 'host|seed:HEX',
    description: "where the guest's random numbers come from: the host (the default), or a seed",
  }),
  net: Flags.string({
    helpValue: 'SPEC',
    multiple: true,
    multipleNonGreedy: true,
    description:
      'a network device: dgram:remote=HOST:PORT,local=HOST:PORT (UDP) or stream:[listen:]HOST:PORT or stream:[listen:]/PATH, or pcap:FILE (plays a capture with its distances in time), each with ,mac=...; repeatable, from slot 0 on',
  }),
  disk: Flags.string({
    helpValue: 'FILE',
    multiple: true,
    multipleNonGreedy: true,
    description:
      'a disk that starts as the raw image FILE and leaves it as it is; with ,mode=rw the guest writes to FILE, with ,ro it cannot write, with ,log-reads the log holds what it reads; repeatable, in the slots behind the networks',
  }),
  console: Flags.string({
    helpValue: 'uart|virtio',
    description:
      'the device that takes the standard input: the serial port (the default), or a virtio console in slot 6',
  }),
  'stdin-eof': Flags.string({
    helpValue: 'ignore|ctrl-d',
    description:
      'what the guest gets at the end of a standard input that is no terminal: nothing (the default) or Ctrl-D',
  }),
  initrd: Flags.string({ helpValue: 'FILE', description: 'an initial ramdisk for a Linux kernel' }),
  firmware: Flags.string({
    helpValue: 'FILE',
    description: 'M-mode firmware that starts the guest, such as OpenSBI (without it the SBI is built in)',
  }),
  append: Flags.string({ helpValue: 'TEXT', description: "the guest's command line" }),
  until: untilFlag,
  'time-limit': Flags.string({ helpValue: 'TIME', description: 'stop after 500ms, 10s, 2m or 1h, with status 124' }),
  'pcap-out': pcapFlag,
  engine: engineFlag,
  stats: statsFlag,
  json: jsonSummaryFlag,
  quiet: quietFlag,
};
