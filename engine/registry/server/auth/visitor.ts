/** Who is let in, as handlers see it. */
import type { Permission } from "./rules.ts";

/** Whoever was let in, for what the handlers ask further: may they pull there, too? */
export interface Visitor {
  user?: string;
  may(repository: string, permission: Permission): boolean;
}

/** Where nobody is asked for a password. */
export const anybody: Visitor = { may: () => true };
