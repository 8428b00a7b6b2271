/**
 * What of zod the options' values are put together from: a file of its own, so that the build can leave out the rest of it.
 */
export { enum, number, string } from 'zod';
