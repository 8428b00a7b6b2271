/** What keys of a raw terminal are the guest's, and what ends a run. */
import { Keys, type KeyCommand } from '../../src/host/keys.js';

function keyboard(): { keys: Keys; commands: KeyCommand[]; pass(ms: number): void; type(keys: string): string } {
  let now = 1000;
  const commands: KeyCommand[] = [];
  const keys = new Keys(
    (command) => commands.push(command),
    () => now,
  );
  const type = (text: string): string => Buffer.from(keys.take(Buffer.from(text, 'latin1'))).toString('latin1');
  return { keys, commands, pass: (ms) => void (now += ms), type };
}

it('Ctrl-A is the escape; behind it, what means nothing is nobody’s', () => {
  const { commands, type } = keyboard();
  expect(type('a\x01')).toBe('a');
  expect(type('\x01b\x01h\x01?\x01c\x04\xe4')).toBe('\x01b\x04\xe4');
  expect(commands).toEqual(['help', 'help']);
  expect(type('\x01X')).toBe('');
  expect(commands).toEqual(['help', 'help', 'quit']);
});

it('Ctrl-C is the guest’s, and ends the run of a guest that says nothing at the third within two seconds', () => {
  const { commands, pass, type } = keyboard();
  expect(type('\x03\x03')).toBe('\x03\x03');
  pass(2000);
  type('\x03\x03');
  expect(commands).toEqual([]);
  pass(1999);
  expect(type('\x03')).toBe('\x03');
  expect(commands).toEqual(['interrupt']);
});

it('a guest that answers is not ended, whoever presses Ctrl-C is told how', () => {
  const { keys, commands, pass, type } = keyboard();
  keys.answered();
  type('\x03');
  keys.answered();
  type('\x03\x03');
  expect(commands).toEqual(['hint']);
  pass(5000);
  type('\x03\x03\x03');
  expect(commands).toEqual(['hint', 'interrupt']);
});

it('an end that does not come is forced by a later Ctrl-C, not by one pressed in haste', () => {
  const { commands, pass, type } = keyboard();
  type('\x03\x03\x03\x03\x03\x03\x03');
  expect(commands).toEqual(['interrupt']);
  pass(1000);
  type('\x03');
  expect(commands).toEqual(['interrupt', 'interrupt']);
  const other = keyboard();
  other.type('\x01x\x03');
  other.pass(1000);
  other.type('\x03');
  expect(other.commands).toEqual(['quit', 'interrupt']);
});
