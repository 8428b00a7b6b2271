// Counts of a log's entries and bytes by cause, kept by writers and readers alike: what the summaries show.

/** What a log's bytes are spent on. 'unknown' is what a later minor version added. */
export const CAUSES = [
  'header',
  'image',
  'time',
  'tick',
  'entropy',
  'packet',
  'console',
  'size',
  'disk',
  'output:console',
  'output:packet',
  'output:disk',
  'output:power',
  'digest',
  'progress',
  'end',
  'unknown',
  'seal',
] as const;

export type Cause = (typeof CAUSES)[number];

/** How many entries, and the bytes they take in the log with all that surrounds them. */
export interface Count {
  entries: number;
  bytes: number;
}

export class Statistics {
  readonly counts: Readonly<Record<Cause, Count>>;

  constructor() {
    this.counts = Object.fromEntries(CAUSES.map((cause) => [cause, { entries: 0, bytes: 0 }])) as Record<Cause, Count>;
  }

  /** Counts `entries` of one cause that take `bytes` together. */
  add(cause: Cause, bytes: number, entries = 1): void {
    const count = this.counts[cause];
    count.entries += entries;
    count.bytes += bytes;
  }

  /** Entries of the guest's execution: without header, images and seals. */
  get entries(): number {
    return this.sum('entries') - this.counts.header.entries - this.counts.image.entries - this.counts.seal.entries;
  }

  /** All bytes: the size of the log. */
  get bytes(): number {
    return this.sum('bytes');
  }

  private sum(key: keyof Count): number {
    return CAUSES.reduce((sum, cause) => sum + this.counts[cause][key], 0);
  }
}
