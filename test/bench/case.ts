/** A benchmark: what is measured, for which contenders, and which figure it is held against in the notes. */
import type { Contender } from "./contender.ts";

export interface Case {
  /** On the command line: `--only run`. */
  id: string;
  title: string;
  /** What berth aims at: a share of another's time, or milliseconds. Shown, never asserted. */
  aim: string;
  /** Samples of each contender unless --runs says otherwise. */
  runs: number;
  /** One sample in ms; undefined when this contender has no such thing. Contenders take turns. */
  sample(contender: Contender): Promise<number | undefined> | number | undefined;
}
