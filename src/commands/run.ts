/**
 * `vmft run`: a guest alone, with nothing recorded.
 */
import { guestArgument, guestFlags } from './options/flags.js';
import { beginReading } from './guests/guest-reading.js';
import { VmftCommand } from './options/command.js';

export default class Run extends VmftCommand {
  static override summary = 'run a guest, record nothing';
  static override description =
    "The guest's console is stdin and stdout; on a terminal Ctrl-A x ends the run, Ctrl-A h helps, and all other keys go to the guest. What vmft says goes to stderr. The exit status is the guest's (255 where it is larger), 0 at --until, 124 at --time-limit, 128 and its number for a signal; 64 to 78 mean that vmft failed.";
  static override examples = [
    '<%= config.bin %> run guest.elf',
    '<%= config.bin %> run guest.elf --memory 1G --time-limit 10s',
    '<%= config.bin %> run vmlinuz --initrd initrd.gz --append console=ttyS0 --memory 512M',
    '<%= config.bin %> run guest.elf --stats',
    '<%= config.bin %> run guest.elf --net dgram:remote=127.0.0.1:5555,local=127.0.0.1:5556 --pcap-out net.pcap',
  ];
  static override args = { guest: guestArgument };
  static override flags = guestFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Run);
    const reading = beginReading({ kernel: args.guest, firmware: flags.firmware, initrd: flags.initrd });
    const { runGuest } = await import('./verbs/run-guest.js');
    process.exitCode = await runGuest(reading, { ...flags, net: flags.net, disk: flags.disk, engine: flags.engine });
  }
}
