/**
 * What the `--net` options of a guest name, opened: links to the outside, and captures that are played into it.
 */
import type { CapturePlayer, Playback } from '../../host/capture-player.js';
import type { FrameLink } from '../../host/frames.js';
import type { NetOption } from '../../host/net.js';
import { grouped } from '../output/summary-lines.js';
import type { Words } from '../output/words.js';

export class Networks {
  /** By the slot of the device, as are the captures. */
  readonly links = new Map<number, FrameLink>();
  private readonly players = new Map<number, CapturePlayer>();
  /** The captures; undefined where there is none. */
  playback: Playback | undefined;

  /** Throws a Failure where one of them cannot be had; none is left open then. */
  static async open(options: ReadonlyMap<number, NetOption>): Promise<Networks> {
    const networks = new Networks();
    try {
      for (const [slot, option] of options) await networks.add(slot, option);
    } catch (error) {
      await networks.close();
      throw error;
    }
    return networks;
  }

  private async add(slot: number, option: NetOption): Promise<void> {
    if (option.kind === 'pcap') {
      const { CapturePlayer, Playback } = await import('../../host/capture-player.js');
      this.players.set(slot, CapturePlayer.open(option.path));
      this.playback = new Playback(this.players);
    } else {
      const { openLink } = await import('../../host/link.js');
      this.links.set(slot, await openLink(option));
    }
  }

  get captures(): readonly CapturePlayer[] {
    return [...this.players.values()];
  }

  /** Lets the user know what happens to links, and which frames of a capture will not be played. */
  tell(words: Words): void {
    for (const link of this.links.values()) link.onNotice = (sentence) => words.notice(sentence);
    for (const { path, frames, leftOut } of this.captures) {
      if (leftOut === 0) continue;
      const some = `${grouped(leftOut)} of the ${grouped(frames + leftOut)} frames of ${path}`;
      words.notice(`${some} are not played: they were captured in part, or are too large for a network device.`);
    }
  }

  async close(): Promise<void> {
    for (const link of this.links.values()) await link.close();
    for (const player of this.players.values()) player.close();
  }
}
