/** All kinds of streams. The order is a part of the seed. */
import type { Kind } from './kind.js';
import { pagingKind } from './paging.js';
import { trapKind } from './privileged.js';
import { unprivilegedKinds } from './unprivileged.js';

export const kinds: readonly Kind[] = [...unprivilegedKinds, trapKind, pagingKind];
