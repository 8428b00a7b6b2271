/**
 * The one door between a machine and everything outside it. See the README's architecture section.
 * A position counts the instructions the hart has started since reset.
 */

/** Anything that reaches the guest between two instructions. */
export type Input =
  /** The guest's clock has reached `time` (mtime ticks): timers that are due fire. The virtual clock is put forward. */
  | { readonly type: 'tick'; readonly time: number }
  | { readonly type: 'packet'; readonly device: number; readonly data: Uint8Array }
  /** Bytes typed at a console: the virtio console in the slot `device`, or with 0 the serial port. */
  | { readonly type: 'console'; readonly device: number; readonly data: Uint8Array }
  /** The terminal behind a virtio console has this size now: characters, 0 to 65535. */
  | { readonly type: 'size'; readonly device: number; readonly columns: number; readonly rows: number }
  /**
   * The `request`-th of the requests that a disk has in flight, the oldest being 0, is done: `status` 0, or 1 where it
   * failed. `data` is what the image holds where the guest reads, and empty of other requests.
   */
  | {
      readonly type: 'disk';
      readonly device: number;
      readonly request: number;
      readonly status: number;
      readonly data: Uint8Array;
    };

export type DiskOperation = 'read' | 'write' | 'flush';

/** Where a request does what: bytes from `offset` on, whole sectors; nothing of them at a flush. */
export interface DiskPlace {
  readonly operation: DiskOperation;
  readonly offset: number;
  readonly length: number;
}

/** What a disk is asked. */
export interface DiskDemand extends DiskPlace {
  /** What is written; empty at other operations. */
  readonly data: Uint8Array;
  /** A write that is done only when it cannot be lost any more: the driver does not flush. */
  readonly durable: boolean;
}

/** Anything that leaves the guest. `device` is the virtio slot, or 0. */
export type Output =
  | { readonly type: 'console'; readonly device: number; readonly data: Uint8Array }
  | { readonly type: 'packet'; readonly device: number; readonly data: Uint8Array }
  /** A request to a disk, in flight from now on. A read leaves nothing outside: no log has an entry of it. */
  | ({ readonly type: 'disk'; readonly device: number } & DiskDemand)
  /** Power-off; `status` is the guest's exit status. */
  | { readonly type: 'power'; readonly device: 0; readonly status: number };

/** What the machine tells about its needs when it asks. */
export interface Need {
  /** Guest time at which the next timer is due; Infinity where none is. */
  readonly deadline: number;
  /** The hart waits in wfi: nothing happens before the next input. */
  readonly idle: boolean;
  /** Bytes the console takes now (the virtio console where there is one); what exceeds them would be lost. */
  readonly consoleRoom: number;
  /** The guest shows that it wants console input: what comes before, a driver may throw away when it starts. */
  readonly consoleListens: boolean;
  /** Whether the network device in a slot has a driver that receives, and no frame that waits for the driver's buffers. */
  readonly takesFrames: (device: number) => boolean;
  /** The `request`-th request that the disk in a slot has in flight; undefined where there is none. */
  readonly diskRequest: (device: number, request: number) => DiskPlace | undefined;
  /** What the virtual clock shows and when its next timer is due, where the machine itself computes time. */
  readonly virtual?: { readonly now: number; readonly deadline: number };
}

export interface Environment {
  /** The first position after `position` at which the machine must stop and ask for inputs again. */
  nextStop(position: number, need: Need): number;
  /** The inputs to apply, in order, between the instruction that made `position` and the next. */
  takeInputs(position: number, need: Need): readonly Input[];
  /** The answer to a time instruction, in mtime ticks; `position` includes the instruction that asks. */
  readTime(position: number): number;
  /** The answer to a random instruction or an entropy request: exactly `length` bytes. */
  readEntropy(position: number, length: number): Uint8Array;
  /** `more`: a packet follows at once, for which this one may wait. */
  emit(position: number, output: Output, more?: boolean): void;
}
