/** How an engine is opened: what anybody may say, and what a program of this package says besides. */

export interface EngineOptions {
  /** State directory; default `$BERTH_ROOT`, else /var/lib/berth. */
  root?: string;
  /** OCI runtime: a name or an absolute path; default `$BERTH_RUNTIME`, else crun where it works, else runc. */
  runtime?: string;
  /** How to start this program again (conmon's exit command, the supervisor). */
  self?: string[];
  /** Program version, for `version` and labels. */
  version?: string;
}

/** Of the local engine alone: agreements with the program around it. */
export interface LocalOptions extends EngineOptions {
  /**
   * Set by a program that has neither threads for layers nor sessions with monitors: called before the first one is
   * needed, and before anything is done; it never returns.
   */
  handOver?: () => never;
  /** The process ends right after the engine is closed, as by _exit(2): its database may be left open. */
  endsAtOnce?: boolean;
  /**
   * The user's umask, which files that are the user's keep to (`--cidfile`, `build -o`). Set by a program that has given its process
   * 022, so that what the engine makes has the modes it says; default: the process's own.
   */
  umask?: number;
}
