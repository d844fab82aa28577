/** What `logs` is asked for, and what it gives. */

export interface LogsOptions {
  follow?: boolean;
  /** Nanoseconds since the epoch. */
  since?: bigint;
  until?: bigint;
  /** Lines from the end; undefined is all. */
  tail?: number;
  /**
   * Entries of one stream that follow each other may be given as one `partial` entry, line ends inside, whose data is
   * valid until the next batch is asked for: takes a fraction of the time and the memory.
   */
  joined?: boolean;
  /** Called before the first lines behind a gap: rotation has removed what was not read yet. */
  onMissed?: (text: string) => void;
  signal?: AbortSignal;
}

export interface LogEntry {
  stream: "stdout" | "stderr";
  /** RFC 3339 with nanoseconds. */
  time: string;
  /** Without the line end for a whole line; a partial line has `partial`. */
  data: Uint8Array;
  partial?: boolean;
}
