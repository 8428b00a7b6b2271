/**
 * The weak topological order of a graph (Bourdoncle, Efficient chaotic iteration strategies with widenings, 1993): its
 * vertices in such an order, nested into components, that every edge either goes forward or goes to the head of a
 * component around its origin. Components are loops, so the order is how structured code can be laid out.
 */

/** A vertex, or a loop: its head and what else is in it, in order. */
export interface Component {
  readonly head: number;
  readonly body?: readonly Component[];
}

/**
 * @param successors of each vertex; those named last are laid out closest behind it
 * @param roots from which all vertices to be ordered can be reached
 */
export function weakTopologicalOrder(
  successors: readonly (readonly number[])[],
  roots: readonly number[],
): readonly Component[] {
  const done = Infinity;
  /** When a vertex was found; 0 before, `done` once it has its place. */
  const found = new Array<number>(successors.length).fill(0);
  const stack: number[] = [];
  let count = 0;

  /** Puts what is reached from `vertex` in front of `into`; answers when the earliest vertex it leads back to was found. */
  const visit = (vertex: number, into: Component[]): number => {
    stack.push(vertex);
    found[vertex] = ++count;
    let earliest = found[vertex];
    let isLoop = false;
    for (const successor of successors[vertex] ?? []) {
      const time = found[successor] === 0 ? visit(successor, into) : found[successor];
      if (time <= earliest) {
        earliest = time;
        isLoop = true;
      }
    }
    if (earliest !== found[vertex]) return earliest;
    found[vertex] = done;
    let member = stack.pop()!;
    if (!isLoop) {
      into.unshift({ head: vertex });
      return earliest;
    }
    while (member !== vertex) {
      found[member] = 0;
      member = stack.pop()!;
    }
    const body: Component[] = [];
    for (const successor of successors[vertex] ?? []) if (found[successor] === 0) visit(successor, body);
    into.unshift({ head: vertex, body });
    return earliest;
  };

  const order: Component[] = [];
  for (const root of roots) if (found[root] === 0) visit(root, order);
  return order;
}
