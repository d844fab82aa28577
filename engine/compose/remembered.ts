/**
 * Projects that are loaded again and again, as they were. What a project becomes depends on this program, on what it is loaded with (the
 * caller's variables, all of them), and on what the reader says of the host's files: of these, a note has the answers, by which a project
 * is known to be the same. A file is read each time; that is little beside parsing, checking and merging it.
 */
import { statSync } from "node:fs";
import { sha256 } from "../sys/digest.ts";
import { foundHash, serviceHash } from "./print/hash.ts";
import type { LoadOptions, Project, Reader } from "./project.ts";
import { hostReader, largestFile } from "./source/reader.ts";

/** Where notes are kept: see System. */
export interface Notes {
  note(name: string): Promise<string | undefined>;
  keepNote(name: string, text: string): Promise<void>;
}

/** A question to the reader, and its answer: of a file's bytes, their digest. */
type Look = [question: "read" | "kind" | "real", path: string, answer: string | null];

interface Kept {
  /** Digest of all that it was loaded with. */
  key: string;
  looks: Look[];
  project: Omit<Project, "environment">;
  /** Variables that are not the caller's, or have another value. */
  added: Record<string, string>;
  hashes: Record<string, string>;
}

type Load = (options: LoadOptions) => Promise<Project>;

/** As `load`; by a note where that is known to give the same. @param program what tells this program from another, or an older one */
export async function loadRemembered(options: LoadOptions, load: Load, notes: Notes, program = ownProgram()): Promise<Project> {
  const { env, reader = hostReader, signal: _signal, ...more } = options;
  if (program === undefined || options.files?.some((file) => file === "-" || file.includes("://"))) return load(options);
  const name = `compose ${JSON.stringify(more)}`;
  const key = sha256(JSON.stringify([program, more, Object.entries(env).sort()]));
  const kept = parse(await notes.note(name));
  if (kept?.key === key && (await isAsItWas(kept.looks, reader))) return restored(kept, options);
  const looks: Look[] = [];
  const project = await load({ ...options, reader: noting(reader, looks) });
  const text = textOf(project, options, { key, looks });
  if (text !== undefined) await notes.keepNote(name, text);
  return project;
}

/** Short commands alone, which are an executable: another one is another program. */
function ownProgram(): string | undefined {
  if (!process.versions["bun"]) return undefined;
  const { ino, mtimeMs, size } = statSync(process.execPath);
  return `${process.execPath} ${ino} ${mtimeMs} ${size}`;
}

function parse(text: string | undefined): Kept | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Kept);
  } catch {
    return undefined; // half a note
  }
}

async function isAsItWas(looks: readonly Look[], reader: Reader): Promise<boolean> {
  for (const [question, path, answer] of looks) if ((await answerOf(reader, question, path)) !== answer) return false;
  return true;
}

async function answerOf(reader: Reader, question: Look[0], path: string): Promise<string | null> {
  if (question !== "read") return (await reader[question](path)) ?? null;
  const kind = await reader.kind(path);
  if (kind !== "file") return kind ?? null; // what a pipe has can be read once
  const bytes = await reader.read(path, largestFile).catch(() => undefined);
  return bytes ? sha256(bytes) : "unreadable";
}

/** Writes down what it is asked. */
function noting(reader: Reader, looks: Look[]): Reader {
  const note = <Answer>(question: Look[0], path: string, answer: Answer, shown: string | null) => {
    looks.push([question, path, shown]);
    return answer;
  };
  return {
    ...reader,
    async read(path, most) {
      const bytes = await reader.read(path, most);
      const isFile = (await reader.kind(path)) === "file";
      return note("read", path, bytes, bytes ? (isFile ? sha256(bytes) : "not a file") : null);
    },
    async kind(path) {
      const kind = await reader.kind(path);
      return note("kind", path, kind, kind ?? null);
    },
    async real(path) {
      const real = await reader.real(path);
      return note("real", path, real, real);
    },
  };
}

/** undefined of one that a note cannot be made of: it came from elsewhere, from a pipe, or holds secrets of the caller's variables. */
function textOf(project: Project, options: LoadOptions, of: Pick<Kept, "key" | "looks">): string | undefined {
  const { environment, ...rest } = project;
  if (rest.fetched || of.looks.some(([, , answer]) => answer === "not a file")) return undefined;
  if (Object.values(rest.values).some((values) => Object.keys(values).length > 0)) return undefined;
  const own = callers(options);
  const added = Object.fromEntries(Object.entries(environment).filter(([name, value]) => own[name] !== value));
  const hashes = Object.fromEntries(Object.entries(rest.model.services).map(([name, service]) => [name, serviceHash(service)]));
  return JSON.stringify({ ...of, project: rest, added, hashes } satisfies Kept);
}

function restored({ added, hashes, project }: Kept, options: LoadOptions): Project {
  for (const [name, service] of Object.entries(project.model.services)) foundHash(service, hashes[name]!);
  return { ...project, environment: { ...callers(options), ...added } };
}

/** As discover.ts begins. */
function callers({ cwd, env }: LoadOptions): Record<string, string> {
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { PWD: cwd, ...Object.fromEntries(set) };
}
