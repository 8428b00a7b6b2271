/**
 * The host-target interface of ELFs with a `tohost` symbol: not a device in the address space but two watched words of
 * RAM, through which a program ends, prints and reads. Follows what the front end of Spike (riscv-isa-sim, "fesvr") does:
 * bits 63:56 of a command are a device, 55:48 what to do, 47:0 the payload.
 *
 * The machine calls `written()` after a store by the guest to the page of `tohost` or of `fromhost`.
 */
import type { StateVisitor } from '../../hart/state.js';
import type { DeviceContext } from '../device.js';
import { ByteQueue } from './byte-queue.js';

const SYSTEM = 0;
const CONSOLE = 1;
const CONSOLE_READ = 0;
const CONSOLE_WRITE = 1;

const SYS_WRITE = 64n;
const SYS_EXIT = 93n;
const EFAULT = 14n;
const EBADF = 9n;
const ENOSYS = 38n;

const PAYLOAD = (1n << 48n) - 1n;
/** Bytes the host may queue before `room()` answers 0. */
const QUEUE_LIMIT = 1 << 20;
/** Most bytes one write call prints; it answers how many that were. */
const MOST_WRITTEN = 1 << 20;
/** Commands whose answers a program may leave unread; a program that asks for more gets none. */
const MOST_ANSWERS = 1024;

export interface HtifAddresses {
  /** Physical addresses, both in RAM; the words are 8 bytes long. */
  readonly tohost: number;
  readonly fromhost?: number;
}

export class Htif {
  readonly name = 'htif';
  private readonly queue = new ByteQueue(QUEUE_LIMIT);
  /** Console reads that wait for a byte. */
  private reads = 0;
  /** Words for `fromhost`, which takes one at a time. */
  private answers: bigint[] = [];

  /** @param powerOff The program ends with a status: 0 is a pass, others up to 2^47. */
  constructor(
    private readonly context: Pick<DeviceContext, 'memory' | 'emit'>,
    private readonly addresses: HtifAddresses,
    private readonly powerOff: (status: number) => void,
  ) {}

  /** The guest has stored to `tohost` or `fromhost`, or near them. */
  written(): void {
    const { memory } = this.context;
    if (!memory.contains(this.addresses.tohost, 8)) return;
    const command = memory.readU64(this.addresses.tohost);
    if (command !== 0n) {
      this.store(this.addresses.tohost, 0n);
      this.execute(command);
    }
    this.answer();
  }

  /** How many bytes `receive` would take now. */
  room(): number {
    return this.queue.room();
  }

  /** Bytes typed at the console; answers how many were taken. */
  receive(data: Uint8Array): number {
    const taken = this.queue.push(data);
    this.answer();
    return taken;
  }

  reset(): void {
    this.queue.clear();
    this.reads = 0;
    this.answers = [];
  }

  state(visitor: StateVisitor): void {
    this.queue.replace(visitor.bytes('queue', this.queue.contents()));
    this.reads = visitor.number('reads', this.reads);
    const count = visitor.number('answers', this.answers.length);
    this.answers = Array.from({ length: count }, (_, i) => visitor.u64(`answer.${i}`, this.answers[i] ?? 0n));
  }

  private execute(command: bigint): void {
    const device = Number(command >> 56n);
    const action = Number((command >> 48n) & 0xffn);
    const payload = command & PAYLOAD;
    if (device === SYSTEM && action === 0) {
      if ((payload & 1n) !== 0n) this.powerOff(Number(payload >> 1n));
      else if (this.systemCall(Number(payload))) this.respond(command, 1n);
    } else if (device === CONSOLE && action === CONSOLE_WRITE) {
      this.context.emit(Uint8Array.of(Number(payload & 0xffn)));
    } else if (device === CONSOLE && action === CONSOLE_READ && this.reads < MOST_ANSWERS) {
      this.reads++;
    }
  }

  /**
   * A proxied system call: eight words in memory, the number and its arguments, of which the first becomes the result.
   * Answers whether the program goes on.
   */
  private systemCall(block: number): boolean {
    const { memory } = this.context;
    if (!memory.contains(block, 64)) return true;
    const number = memory.readU64(block);
    const first = memory.readU64(block + 8);
    if (number === SYS_EXIT) {
      this.powerOff(Number(first & 0xffff_ffffn));
      return false;
    }
    const result = number === SYS_WRITE ? this.print(first, block) : -ENOSYS;
    this.store(block, BigInt.asUintN(64, result));
    return true;
  }

  private print(descriptor: bigint, block: number): bigint {
    const { memory } = this.context;
    if (descriptor !== 1n && descriptor !== 2n) return -EBADF;
    const address = Number(memory.readU64(block + 16));
    const length = Number(memory.readU64(block + 24));
    if (length === 0) return 0n;
    if (!memory.contains(address, length)) return -EFAULT;
    const count = Math.min(length, MOST_WRITTEN);
    this.context.emit(memory.read(address, count));
    return BigInt(count);
  }

  private respond(command: bigint, payload: bigint): void {
    if (this.answers.length < MOST_ANSWERS) this.answers.push((command & ~PAYLOAD) | payload);
  }

  /** Hands out what is there to be handed out, once `fromhost` is free. */
  private answer(): void {
    while (this.reads > 0 && this.queue.length > 0 && this.answers.length < MOST_ANSWERS) {
      this.reads--;
      this.respond(BigInt(CONSOLE) << 56n, 0x100n | BigInt(this.queue.shift()));
    }
    const { fromhost } = this.addresses;
    const { memory } = this.context;
    if (this.answers.length === 0 || fromhost === undefined || !memory.contains(fromhost, 8)) return;
    if (memory.readU64(fromhost) === 0n) this.store(fromhost, this.answers.shift() as bigint);
  }

  private store(address: number, value: bigint): void {
    this.context.memory.writeU32(address, Number(value & 0xffff_ffffn));
    this.context.memory.writeU32(address + 4, Number(value >> 32n));
  }
}
