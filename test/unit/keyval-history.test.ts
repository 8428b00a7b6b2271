/** What the clients of the guest `keyval` take for a contradiction, and what not: answers that a test makes up. */
import { History, type Operation } from '../support/keyval-history.js';

/** A conversation: `> SET a 1 k v` asks, `< OK a 1 1` answers. */
function told(conversation: string): History {
  const history = new History();
  for (const line of conversation.split(/ (?=[<>])/)) {
    if (line.startsWith('<')) {
      history.answer(line.slice(2));
      continue;
    }
    const [operation, client = '', seq, key = '', value] = line.slice(2).split(' ');
    history.ask({ operation: operation as Operation, client, seq: Number(seq), key, value });
  }
  history.audit();
  return history;
}

describe('what a store may answer', () => {
  it.each<[name: string, conversation: string]>([
    ['one after the other', '> SET a 1 k v < OK a 1 1 > GET a 2 k < VALUE a 2 1 v > ADD a 3 n < SUM a 3 2 1'],
    ['the same twice', '> SET a 1 k v < OK a 1 1 < OK a 1 1 > SET a 2 k w < OK a 2 2 < OK a 1 1'],
    ['nothing where nothing is', '> GET a 1 k < NONE a 1'],
    [
      'before or after a write that is under way',
      '> SET a 1 k v > GET b 1 k > GET c 1 k < NONE b 1 < VALUE c 1 1 v < OK a 1 1',
    ],
    [
      'an old value to a GET that was asked before the write was answered',
      '> SET a 1 k v < OK a 1 1 > GET b 1 k > SET a 2 k w < OK a 2 2 < VALUE b 1 1 v',
    ],
    ['answers in another order than that of the versions', '> ADD a 1 n > ADD b 1 n < SUM b 1 2 2 < SUM a 1 1 1'],
    ['a number that was set', '> SET a 1 n 41 < OK a 1 1 > ADD a 2 n < SUM a 2 2 42'],
    ['what nobody hears', '> SET a 1 k v > ADD b 1 n > ADD c 1 n < SUM c 1 3 2 > GET d 1 k < VALUE d 1 1 v'],
  ])('%s', (_name, conversation) => {
    expect(told(conversation).contradictions).toEqual([]);
  });

  it('and an error is told apart', () => {
    const { contradictions, refused, writes } = told('> SET a 1 k v < OK a 1 1 > ADD a 2 k < ERROR a 2 not a number');
    expect([contradictions, refused]).toEqual([[], ['ERROR a 2 not a number']]);
    expect(writes).toEqual([{ version: 1, client: 'a', seq: 1, operation: 'SET', key: 'k', value: 'v' }]);
  });
});

describe('a contradiction', () => {
  it.each<[name: string, expected: RegExp, conversation: string]>([
    ['another answer to the same request', /two answers to one request/, '> SET a 1 k v < OK a 1 1 < OK a 1 2'],
    ['an error after an answer', /two answers/, '> SET a 1 k v < OK a 1 1 < ERROR a 1 full'],
    ['an answer to nothing', /nobody asked/, '> SET a 1 k v < OK a 1 1 < OK a 2 2'],
    ['nonsense', /nobody asked/, '< what'],
    ['an answer of another kind', /no answer to GET a 1 k/, '> GET a 1 k < OK a 1 1'],
    ['an answer that lacks something', /no answer to ADD a 1 n/, '> ADD a 1 n < SUM a 1 1'],
    ['a version that goes back', /version 2 was there before/, '> SET a 1 k v < OK a 1 2 > SET b 1 l v < OK b 1 1'],
    [
      'a version that was read before',
      /version 1 was there before/,
      '> SET a 1 k v > GET b 1 k < VALUE b 1 1 v > SET b 2 k w < OK b 2 1 < OK a 1 2',
    ],
    ['a version given twice', /version 1 is that of a 1, too/, '> SET a 1 k v > SET b 1 l v < OK a 1 1 < OK b 1 1'],
    [
      'a value that was overwritten',
      /at version 2 before it was asked for/,
      '> SET a 1 k v < OK a 1 1 > SET a 2 k w < OK a 2 2 > GET b 1 k < VALUE b 1 1 v',
    ],
    ['a value that is lost', /at version 1 before it was asked for/, '> SET a 1 k v < OK a 1 1 > GET b 1 k < NONE b 1'],
    ['another value of the same version', /version 1 is k v/, '> SET a 1 k v < OK a 1 1 > GET b 1 k < VALUE b 1 1 w'],
    ['the value of another key', /version 1 is k v/, '> SET a 1 k v < OK a 1 1 > GET b 1 l < VALUE b 1 1 v'],
    ['a value nobody wrote', /nobody has asked for this value/, '> SET a 1 k v < OK a 1 1 > GET b 1 k < VALUE b 1 2 w'],
    [
      'a value that was read, and is another write',
      /version 1 was read as k v/,
      '> SET a 1 k v > SET b 1 k w > GET c 1 k < VALUE c 1 1 v < OK b 1 1 < OK a 1 2',
    ],
    [
      'a value that was read of a version that nobody has',
      /nobody wrote k v, read at version 1/,
      '> SET a 1 k v > GET b 1 k < VALUE b 1 1 v < OK a 1 2',
    ],
    ['a sum that repeats', /version 1 has this sum, too/, '> ADD a 1 n < SUM a 1 1 1 > ADD a 2 n < SUM a 2 2 1'],
    ['a sum that goes back', /the sum was 2 before/, '> ADD a 1 n > ADD b 1 n < SUM b 1 2 2 > ADD b 2 n < SUM b 2 3 1'],
    ['a sum that skips', /1 were added so far/, '> ADD a 1 n < SUM a 1 1 2'],
    [
      'a sum that skips what is asked later',
      /n is 2 at version 1, not 1/,
      '> ADD a 1 n > ADD b 1 n < SUM a 1 1 2 < SUM b 1 2 1',
    ],
    [
      'a sum that misses what was set',
      /n is 1 at version 2, not 42/,
      '> SET a 1 n 41 < OK a 1 1 > ADD a 2 n < SUM a 2 2 1',
    ],
    [
      'a version that nobody got: something was done twice',
      /versions 2 to 2 are nobody’s/,
      '> SET a 1 k v < OK a 1 1 > SET a 2 k w < OK a 2 3',
    ],
  ])('%s', (_name, expected, conversation) => {
    expect(told(conversation).contradictions).toContainEqual(expect.stringMatching(expected));
  });
});
