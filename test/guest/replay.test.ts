/**
 * Every small guest, recorded with a made-up world and replayed: all digests, outputs and the status are equal.
 */
import { consoleText, record, replay } from './replay-rig.js';

describe('replay', () => {
  it.each(['hello', 'clock-small', 'dice', 'race-once', 'paging', 'sort-small','bits-small','bytecode-small','chase-small','matrix-small','nbody-small','queens-small', 'idle-second'])('%s', async (name) => {
    const t=Date.now();
    const made = await record(name);
    console.log(made.run, consoleText(made.outputs), made.log.length, Date.now()-t);
    const { result, outputs } = await replay(made);
    console.log(result, Date.now()-t);
    expect(outputs).toEqual(made.outputs);
  });
});
