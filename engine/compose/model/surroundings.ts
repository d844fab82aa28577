/** What compose files are read with. Types only. */
import type { Artifacts } from "../artifact/artifacts.ts";
import type { Reader } from "../project.ts";

/** What holds for all files of a project. */
export interface FilesOptions {
  reader: Reader;
  artifacts: Artifacts;
  home: string | undefined;
  withoutInterpolation: boolean;
  withoutPathResolution: boolean;
  warn(text: string): void;
}

/** What holds for the files of one directory. */
export interface Surroundings {
  /** Absolute; where `include` and `extends` look for files. */
  directory: string;
  /** Where paths in the files start; relative for included ones, to be resolved where they are included. */
  base: string;
  environment: Readonly<Record<string, string>>;
  /** The directory that nothing in these files may lead out of; see SourceFile. */
  within?: string;
  /** The files on the way here, absolute. */
  chain: readonly string[];
}
