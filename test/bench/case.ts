/** A benchmark: what is measured, for which contenders, and which figure it is held against in the notes. */
import type { Contender } from "./contender.ts";

export interface Case {
  /** On the command line: `--only run`; what several share goes before a slash, and names them all. */
  id: string;
  title: string;
  /** What berth aims at: a share of another's time, or milliseconds. Shown, never asserted. */
  aim: string;
  /** Samples of each contender unless --runs says otherwise. */
  runs: number;
  /** Whether the first round counts; else it warms file caches and compile caches for the others. */
  isWarm?: boolean;
  /** Before the first sample, and after the last one or a failure. */
  prepare?(contender: Contender): void | Promise<void>;
  finish?(contender: Contender): void | Promise<void>;
  /** One sample in ms, or in what the title says; undefined when this contender has no such thing. Contenders take turns. */
  sample(contender: Contender): Promise<number | undefined> | number | undefined;
}
