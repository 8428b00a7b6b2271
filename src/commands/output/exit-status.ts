/**
 * The exit status of a command that runs a guest: the guest's own, or that of what ended it.
 */
import { STATUS } from '../../host/failure.js';
import type { EndReason } from '../../log/entry.js';

/** As timeout(1) has it. */
const TIMED_OUT = 124;
const LARGEST = 255;

/**
 * The status of a run in the present.
 * @param guest the guest's status, where it has powered off
 * @param signal 128 and the number of the signal that ended the run; 0 where none did
 */
export function liveStatus(reason: EndReason, guest: number | undefined, signal: number): number {
  switch (reason) {
    case 'power-off':
      return guest ?? 0;
    case 'until':
      return 0;
    case 'time-limit':
      return TIMED_OUT;
    case 'interrupted':
      return signal;
    case 'host-error':
      return STATUS.software;
  }
}

/** What the process ends with: a guest may have a status that no process can have. */
export function processStatus(status: number): number {
  return Math.min(status, LARGEST);
}
