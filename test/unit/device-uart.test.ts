/** The 16550A: what a driver sees of sending, receiving, FIFOs and interrupts. */
import { Uart, UART_QUEUE_LIMIT } from '../../src/machine/devices/uart.js';
import { FakeContext, restore, save } from '../contract/fake-board.js';

const [DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR] = [0, 1, 2, 3, 4, 5, 6, 7];
const FCR = IIR;

function make(): { context: FakeContext; uart: Uart } {
  const context = new FakeContext();
  return { context, uart: new Uart(context) };
}

const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i & 0xff);

function drain(uart: Uart): number[] {
  const got = [];
  while ((uart.read(LSR) & 1) !== 0) got.push(uart.read(DATA));
  return got;
}

it('has the registers of a 16550A after reset', () => {
  const { uart, context } = make();
  expect([IER, IIR, LCR, MCR, LSR, MSR, SCR].map((at) => uart.read(at))).toEqual([0, 1, 0, 8, 0x60, 0xb0, 0]);
  expect(context.level).toBe(false);
});

describe('sending', () => {
  it('emits each byte at once and is always ready for the next', () => {
    const { uart, context } = make();
    for (const byte of [0x68, 0x69, 0x1ff]) uart.write(DATA, 1, byte);
    expect(context.emitted.map((data) => [...data])).toEqual([[0x68], [0x69], [0xff]]);
    expect(uart.read(LSR)).toBe(0x60);
  });

  it('raises the transmitter interrupt when it is enabled and after each byte; reading IIR takes it back', () => {
    const { uart, context } = make();
    uart.write(IER, 1, 2);
    expect(context.level).toBe(true);
    expect(uart.read(IIR)).toBe(2);
    expect(context.level).toBe(false);
    expect(uart.read(IIR)).toBe(1);
    uart.write(DATA, 1, 0x41);
    expect(context.level).toBe(true);
    uart.write(IER, 1, 0);
    expect(context.level).toBe(false);
  });

  it('writes no byte to the divisor latch or the other way round', () => {
    const { uart, context } = make();
    uart.write(LCR, 1, 0x83);
    uart.write(DATA, 1, 0x34);
    uart.write(IER, 1, 0x12);
    expect([uart.read(DATA), uart.read(IER)]).toEqual([0x34, 0x12]);
    uart.write(LCR, 1, 3);
    expect(context.emitted).toEqual([]);
    expect(uart.read(IER)).toBe(0);
  });
});

describe('receiving', () => {
  it('hands out bytes in order, one at a time without FIFOs, and loses none', () => {
    const { uart } = make();
    uart.receive(bytes(40));
    expect(drain(uart)).toEqual([...bytes(40)]);
    expect(uart.read(LSR)).toBe(0x60);
  });

  it.each([
    [0x01, 1],
    [0x41, 4],
    [0x81, 8],
    [0xc1, 14],
  ])('with FCR %i tells data at the trigger level of %i from a timeout below it', (control, trigger) => {
    const { uart, context } = make();
    uart.write(FCR, 1, control);
    uart.write(IER, 1, 1);
    for (let i = 1; i <= 16; i++) {
      uart.receive(bytes(1));
      expect(uart.read(IIR)).toBe(i >= trigger ? 0xc4 : 0xcc);
      expect(context.level).toBe(true);
    }
    drain(uart);
    expect(uart.read(IIR)).toBe(0xc1);
    expect(context.level).toBe(false);
  });

  it('never overruns: what does not fit the FIFO waits, up to 1 MiB', () => {
    const { uart } = make();
    uart.write(FCR, 1, 1);
    expect(uart.receive(bytes(UART_QUEUE_LIMIT))).toBe(UART_QUEUE_LIMIT);
    expect(uart.room()).toBe(16);
    expect(uart.receive(bytes(20))).toBe(16);
    expect(uart.room()).toBe(0);
    expect(uart.receive(bytes(1))).toBe(0);
    const got = drain(uart);
    expect(got.length).toBe(UART_QUEUE_LIMIT + 16);
    expect(got.slice(-17)).toEqual([255, ...bytes(16)]);
  });

  it('puts received data before the transmitter in IIR', () => {
    const { uart } = make();
    uart.write(IER, 1, 3);
    uart.receive(bytes(1));
    expect(uart.read(IIR)).toBe(4);
    uart.read(DATA);
    expect(uart.read(IIR)).toBe(2);
  });

  it('clears the FIFO of what the guest knew of, and keeps what it had not been told', () => {
    const { uart } = make();
    uart.receive(bytes(3));
    uart.write(FCR, 1, 7);
    expect(drain(uart)).toEqual([0, 1, 2]);
    uart.receive(bytes(20));
    expect(uart.read(LSR) & 1).toBe(1);
    uart.write(FCR, 1, 3);
    expect(drain(uart)).toEqual([16, 17, 18, 19]);
  });

  it('reads 0 from an empty receiver', () => {
    const { uart } = make();
    expect(uart.read(DATA)).toBe(0);
  });
});

describe('loop-back', () => {
  it('returns what is sent, and the modem outputs as inputs', () => {
    const { uart, context } = make();
    uart.write(FCR, 1, 1);
    uart.write(MCR, 1, 0x1f);
    expect(uart.read(MSR)).toBe(0xf0);
    uart.write(MCR, 1, 0x12);
    expect(uart.read(MSR)).toBe(0x10);
    uart.receive(Uint8Array.of(9));
    for (const byte of [1, 2]) uart.write(DATA, 1, byte);
    expect(drain(uart)).toEqual([1, 2]);
    expect(context.emitted).toEqual([]);
    uart.write(MCR, 1, 8);
    expect(drain(uart)).toEqual([9]);
  });

  it('overruns as the chip does, and tells so once', () => {
    const { uart, context } = make();
    uart.write(IER, 1, 4);
    uart.write(MCR, 1, 0x10);
    uart.write(DATA, 1, 1);
    expect(context.level).toBe(false);
    uart.write(DATA, 1, 2);
    expect(context.level).toBe(true);
    expect(uart.read(IIR)).toBe(6);
    expect(uart.read(LSR)).toBe(0x63);
    expect(uart.read(LSR)).toBe(0x61);
    expect(context.level).toBe(false);
    expect(uart.read(DATA)).toBe(1);
  });
});

it('keeps the scratch register and masks IER and MCR', () => {
  const { uart } = make();
  uart.write(SCR, 1, 0xa5);
  uart.write(IER, 1, 0xff);
  uart.write(MCR, 1, 0xff);
  expect([uart.read(SCR), uart.read(IER), uart.read(MCR)]).toEqual([0xa5, 0x0f, 0x1f]);
});

describe('a guest that wants input', () => {
  const poll = (uart: Uart, times: number): void => {
    for (let i = 0; i < times; i++) uart.read(LSR);
  };

  it('enables the receive interrupt, for as long as it does', () => {
    const { uart } = make();
    expect(uart.listens).toBe(false);
    uart.write(IER, 1, 2);
    expect(uart.listens).toBe(false);
    uart.write(IER, 1, 1);
    expect(uart.listens).toBe(true);
    uart.write(IER, 1, 0);
    expect(uart.listens).toBe(false);
  });

  it('or polls, which asking for the transmitter before each byte is not', () => {
    const { uart } = make();
    for (let i = 0; i < 100; i++) {
      poll(uart, 3);
      uart.write(DATA, 1, 0x41);
    }
    poll(uart, 15);
    expect(uart.listens).toBe(false);
    poll(uart, 1);
    expect(uart.listens).toBe(true);
    uart.write(DATA, 1, 0x41);
    expect(uart.listens).toBe(true);
    uart.reset();
    expect(uart.listens).toBe(false);
  });

  it('or reads by way of the firmware', () => {
    const { uart } = make();
    expect(uart.take()).toBe(-1);
    expect(uart.listens).toBe(true);
    uart.receive(bytes(20));
    expect(Array.from({ length: 21 }, () => uart.take())).toEqual([...bytes(20), -1]);
  });

  it('is remembered by a saved state', () => {
    const { uart } = make();
    poll(uart, 15);
    const other = make().uart;
    restore(other, save(uart));
    expect(other.listens).toBe(false);
    poll(other, 1);
    expect(other.listens).toBe(true);
  });
});
