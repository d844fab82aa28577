/** Git repositories as contexts and sources of ADD, by the host's git program. */
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import { findProgram, runProcess } from "../../process/spawn.ts";
import { resolveInRoot } from "../workspace/index.ts";

export interface GitAddress {
  url: string;
  /** Branch, tag or commit; undefined: the default branch. */
  ref?: string;
  /** Directory of the repository to take, "" for all of it. */
  directory: string;
  /** How the commit must begin. */
  checksum?: string;
  keepGitDir?: boolean;
  /** Default true. */
  submodules?: boolean;
}

/**
 * `URL[?KEY=VALUE&…][#REF[:DIRECTORY]]`, the keys those of BuildKit's git references.
 * @throws EngineError `invalid`
 */
export function parseGitAddress(text: string): GitAddress {
  const [address = "", fragment = ""] = text.split(/#(.*)/s);
  const [place = "", query = ""] = address.split(/\?(.*)/s);
  const [ref = "", directory = ""] = fragment.split(/:(.*)/s);
  const url = place.startsWith("github.com/") ? `https://${place}` : place;
  const found: GitAddress = { url, ...(ref === "" ? {} : { ref }), directory };
  const refuse = (why: string): never => {
    throw new EngineError("invalid", `cannot use git repository "${text}": ${why}`);
  };
  readQuery(found, new URLSearchParams(query), refuse);
  if (found.ref?.startsWith("-") || url.startsWith("-")) refuse("malformed reference");
  return found;
}

type RefuseAddress = (why: string) => never;

function readQuery(address: GitAddress, query: URLSearchParams, refuse: RefuseAddress): void {
  if (query.has("tag") && query.has("branch")) refuse("branch conflicts with tag");
  for (const key of new Set(query.keys())) {
    const [value = "", ...more] = query.getAll(key);
    if (more.length > 0) refuse(`query "${key}" has multiple values`);
    const read = Object.hasOwn(queries, key) ? queries[key] : undefined;
    if (!read) refuse(`unexpected query "${key}"`);
    else if (value === "" && !switches.includes(key)) refuse(`query "${key}" has no value`);
    else read(address, value, refuse);
  }
}

const switches = ["keep-git-dir", "submodules", "fetch-by-commit"];

const queries: Record<string, (address: GitAddress, value: string, refuse: RefuseAddress) => void> = {
  ref: setRef,
  tag: (address, value, refuse) => setRef(address, value.startsWith("refs/tags/") ? value : `refs/tags/${value}`, refuse),
  branch: (address, value, refuse) => setRef(address, value.startsWith("refs/heads/") ? value : `refs/heads/${value}`, refuse),
  subdir(address, value, refuse) {
    if (address.directory !== "" && address.directory !== value) refuse(`subdir conflicts: "${address.directory}" vs "${value}"`);
    address.directory = value;
  },
  checksum: setChecksum,
  commit: setChecksum,
  "keep-git-dir": (address, value, refuse) => void (address.keepGitDir = truth("keep-git-dir", value, refuse)),
  submodules: (address, value, refuse) => void (address.submodules = truth("submodules", value, refuse)),
  // What is fetched comes by its name and is compared; the files' times are no part of an image's identity here.
  "fetch-by-commit": (_, value, refuse) => void truth("fetch-by-commit", value, refuse),
  mtime: (_, value, refuse) => (value === "checkout" || value === "commit" ? undefined : refuse(`invalid mtime value: "${value}"`)),
};

function setRef(address: GitAddress, value: string, refuse: RefuseAddress): void {
  if (address.ref !== undefined && address.ref !== value) refuse(`ref conflicts: "${address.ref}" vs "${value}"`);
  address.ref = value;
}

function setChecksum(address: GitAddress, value: string, refuse: RefuseAddress): void {
  if (!/^[0-9a-f]+$/.test(value)) refuse(`"${value}" is no commit`);
  address.checksum = value;
}

function truth(key: string, value: string, refuse: RefuseAddress): boolean {
  if (/^(?:|1|t|true)$/i.test(value)) return true;
  return /^(?:0|f|false)$/i.test(value) ? false : refuse(`invalid ${key} value: "${value}"`);
}

interface GitOptions {
  /** Credentials for the server (secrets.ts). */
  authorization: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** Of repositories that name objects by SHA-1, and by SHA-256. */
const commitPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The commit that an address stands for now: what a cache key needs. */
export async function resolveGit(address: GitAddress, options: GitOptions): Promise<string> {
  const { url, ref = "HEAD" } = address;
  if (commitPattern.test(ref)) return compared(address, ref);
  const rows = (await git(["ls-remote", "--", url, ref, `${ref}^{}`], "/", address, options)).split("\n").map((line) => line.split("\t"));
  // An annotated tag has a second row, NAME^{}, with the commit it points at.
  const wanted = ["^{}", ""].flatMap((end) => [`refs/tags/${ref}`, `refs/heads/${ref}`, ref].map((name) => name + end));
  const commit = wanted.map((name) => rows.find((row) => row[1] === name)?.[0]).find(Boolean);
  if (!commit) throw new EngineError("not-found", `cannot find "${ref}" in git repository "${url}"`);
  return compared(address, commit);
}

function compared({ checksum }: GitAddress, commit: string): string {
  if (checksum === undefined || commit.startsWith(checksum)) return commit;
  throw new EngineError("dockerfile", `expected checksum to match ${checksum}, got ${commit}`);
}

/** Fetches one commit's files, those of its submodules too, into an existing, empty directory. @returns the commit and its time, seconds */
export async function fetchGit(
  address: GitAddress,
  directory: string,
  options: GitOptions,
): Promise<{ commit: string; committed: number }> {
  const work = join(directory, ".checkout");
  mkdirSync(work, { mode: 0o755 });
  const run = (args: string[]) => git(args, work, address, options);
  // A repository of one format cannot fetch from one of the other.
  const { length } = await resolveGit(address, options);
  await run(["init", "-q", ...(length === 64 ? ["--object-format=sha256"] : [])]);
  await run(["remote", "add", "origin", address.url]); // what the relative addresses of submodules start from
  await run(["checkout", "-q", "--detach", await fetchCommit(run, address)]);
  const [head = "", time] = (await run(["log", "-1", "--no-show-signature", "--format=%H %ct"])).trim().split(" ");
  const commit = compared(address, head);
  if (address.submodules !== false && existsSync(join(work, ".gitmodules"))) await fetchSubmodules(run);
  if (!address.keepGitDir || address.directory !== "") rmSync(join(work, ".git"), { recursive: true });
  const top = resolveInRoot(work, address.directory);
  if (!lstatSync(top, { throwIfNoEntry: false })?.isDirectory())
    throw new EngineError("not-found", `cannot find directory "${address.directory}" in git repository "${address.url}"`);
  for (const name of readdirSync(top)) renameSync(join(top, name), join(directory, name));
  rmSync(work, { recursive: true });
  return { commit, committed: Number(time) };
}

type Run = (args: string[]) => Promise<string>;

/** Messages of servers that give no part of a history, or only commits that a branch or tag names. */
const wantsWhole = /does not support shallow|Server does not allow request for unadvertised object|not our ref/;

/** One commit alone where the server can; the whole history from others, such as plain HTTP ones. @returns what to check out */
async function fetchCommit(run: Run, { ref = "HEAD" }: GitAddress): Promise<string> {
  try {
    await run(["fetch", "-q", "--depth", "1", "--", "origin", ref]);
    return "FETCH_HEAD";
  } catch (error) {
    if (!(error instanceof EngineError) || !wantsWhole.test(String(error.details?.["stderr"]))) throw error;
  }
  const isCommit = commitPattern.test(ref);
  await run(["fetch", "-q", "--tags", "--", "origin", isCommit ? "+refs/heads/*:refs/remotes/origin/*" : ref]);
  return isCommit ? ref : "FETCH_HEAD";
}

async function fetchSubmodules(run: Run): Promise<void> {
  const update = ["submodule", "update", "-q", "--init", "--recursive"];
  try {
    await run([...update, "--depth", "1"]);
  } catch {
    await run(update); // a server that gives whole histories only
  }
}

async function git(args: string[], cwd: string, { url }: GitAddress, { authorization, signal }: GitOptions): Promise<string> {
  const program = findProgram("git");
  if (!program)
    throw new EngineError("unsupported", `cannot fetch git repository "${url}": the program "git" is not installed`, {
      exit: 1,
      hint: "install git, or give a directory",
    });
  const { HOME = "/root", PATH = "", SSH_AUTH_SOCK } = process.env;
  // No question on a terminal, no transport that runs commands, nothing of the system's configuration.
  const env = {
    ...authorization,
    HOME,
    PATH,
    GIT_TERMINAL_PROMPT: "0",
    GIT_ALLOW_PROTOCOL: "http:https:git:ssh",
    ...(SSH_AUTH_SOCK ? { SSH_AUTH_SOCK, GIT_SSH_COMMAND: "ssh -o BatchMode=yes" } : { GIT_SSH_COMMAND: "ssh -o BatchMode=yes" }),
  };
  const { status, stdout, stderr } = await runProcess(program, args, { cwd, env, ...(signal ? { signal } : {}) });
  if (status !== 0) {
    throw new EngineError(
      "registry",
      `cannot fetch git repository "${url}": ${stderr.trim().split("\n").at(-1) ?? `git exited with ${status}`}`,
      {
        hint: "check the address, the reference after '#', and your access to it",
        details: { stderr },
      },
    );
  }
  return stdout;
}
