/** Opens the link that a `--net` option describes. */
import { DatagramLink } from './dgram.js';
import type { FrameLink } from './frames.js';
import type { LinkOption } from './net.js';
import { ConnectingLink, ListeningLink } from './stream.js';

/** Throws a Failure with one sentence when the link cannot be had. */
export function openLink(option: LinkOption): Promise<FrameLink> {
  if (option.kind === 'dgram') return DatagramLink.open(option.local, option.remote);
  return option.listen ? ListeningLink.open(option.address) : ConnectingLink.open(option.address);
}
