/** One thing of each of the two executions that are compared, in the order in which they were named. */
export type Pair<T> = readonly [T, T];
