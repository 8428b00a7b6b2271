/**
 * Shares the machine's list of written RAM pages between those who follow it: digest and snapshot. The machine tells
 * each page once; every consumer here learns of each.
 */
import type { Machine } from '../machine/machine.js';

/** Numbers of the RAM pages written since the last call, in no order. */
export type TakeDirty = () => readonly number[];

export class DirtyPages {
  private readonly consumers = new Set<Set<number>>();
  private readonly sets = new Map<TakeDirty, Set<number>>();

  constructor(private readonly machine: Pick<Machine, 'takeDirty'>) {}

  /** One more consumer. To learn of the pages that the guest's image fills it must come before any of them takes. */
  consumer(): TakeDirty {
    const pages = new Set<number>();
    this.consumers.add(pages);
    const take = (): number[] => {
      for (const page of this.machine.takeDirty()) for (const consumer of this.consumers) consumer.add(page);
      const taken = [...pages];
      pages.clear();
      return taken;
    };
    this.sets.set(take, pages);
    return take;
  }

  /** A consumer that follows no longer. */
  retire(take: TakeDirty): void {
    const pages = this.sets.get(take);
    if (pages !== undefined) this.consumers.delete(pages);
    this.sets.delete(take);
  }
}
