/**
 * The ground that every room stands on: where things are, the database, how this program was started, and what rooms above
 * lend. house.ts alone puts rooms together.
 */
import type { Database } from "./db.ts";
import type { Lent } from "./lent.ts";
import type { LocalOptions } from "./options.ts";
import type { Paths } from "./paths.ts";

export interface Ground {
  readonly paths: Paths;
  /** Opened on first use; creates the state directory. */
  readonly db: Database;
  readonly options: LocalOptions;
  readonly lent: Lent;
  /** Records that were found damaged so far: a line for each, with the command that removes it. */
  readonly unreadable: Set<string>;
}
