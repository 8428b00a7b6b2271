/**
 * A visitor that puts a part's name in front of its fields' names: `uart0.ier`.
 */
import type { StateVisitor } from '../hart/state.js';

export const scoped = (visitor: StateVisitor, scope: string): StateVisitor =>
  visitor.nameless === true
    ? visitor
    : {
        number: (name, value) => visitor.number(`${scope}.${name}`, value),
        u64: (name, value) => visitor.u64(`${scope}.${name}`, value),
        bool: (name, value) => visitor.bool(`${scope}.${name}`, value),
        bytes: (name, value) => visitor.bytes(`${scope}.${name}`, value),
        list: (name, value) => visitor.list(`${scope}.${name}`, value),
      };
