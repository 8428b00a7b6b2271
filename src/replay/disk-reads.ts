/**
 * Fills in what a log leaves to the images of its disks: the data of reads. Which bytes those are, the machine knows.
 */
import type { DiskEntry } from '../log/entry.js';
import type { Need } from '../machine/environment.js';
import type { DiskImages } from './disk-image.js';

/**
 * The completions that are handed over together, in order: each counts the requests that are in flight when those before
 * it are done, the machine those that are in flight now.
 */
export class DiskReads {
  /** Requests that are done, by their numbers now, ascending; of each device. */
  private readonly done = new Map<number, number[]>();

  constructor(
    private readonly images: DiskImages,
    private readonly need: Pick<Need, 'diskRequest'>,
  ) {}

  /** The next completion as the machine is to be given it; undefined where no such request is in flight yet. */
  filled(entry: DiskEntry): DiskEntry | undefined {
    const { device, status, data } = entry;
    const request = this.need.diskRequest(device, this.numberNow(entry));
    if (request?.operation !== 'read' || status !== 0 || data.length > 0) return request && entry;
    const image = this.images.get(device);
    return image === undefined ? entry : { ...entry, data: image.read(request.offset, request.length) };
  }

  private numberNow({ device, request }: DiskEntry): number {
    let done = this.done.get(device);
    if (done === undefined) this.done.set(device, (done = []));
    let number = request;
    let before = 0;
    for (; before < done.length && done[before] <= number; before++) number++;
    done.splice(before, 0, number);
    return number;
  }
}
