/**
 * What of zod the options' values are put together from: a file of its own, so that the build can leave out the rest of it.
 * zod/mini has the same checks as functions, and loads in half the time.
 */
export { enum, maximum, minimum, multipleOf, number, pipe, refine, regex, string, transform } from 'zod/mini';
