/** Git repositories as contexts and sources of ADD, by the host's git program. */
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import { findProgram, runProcess } from "../../process/spawn.ts";
import { resolveInRoot } from "../steps/rootfs-path.ts";

export interface GitAddress {
  url: string;
  /** Branch, tag or commit; undefined: the default branch. */
  ref?: string;
  /** Directory of the repository to take, "" for all of it. */
  directory: string;
}

/** True for what docker takes as a git repository: git and ssh URLs, and http(s) ones that end in ".git". */
export function isGitAddress(text: string): boolean {
  return /^(?:git:\/\/|ssh:\/\/|git@|github\.com\/)/.test(text) || /^https?:\/\/[^#?]+\.git(?:#|$)/.test(text);
}

/** `URL[#REF[:DIRECTORY]]` */
export function parseGitAddress(text: string): GitAddress {
  const [address = "", fragment = ""] = text.split(/#(.*)/s);
  const [ref = "", directory = ""] = fragment.split(/:(.*)/s);
  const url = address.startsWith("github.com/") ? `https://${address}` : address;
  if (ref.startsWith("-") || url.startsWith("-"))
    throw new EngineError("invalid", `cannot use git repository "${text}": malformed reference`);
  return { url, ...(ref === "" ? {} : { ref }), directory };
}

interface GitOptions {
  keepGitDir: boolean;
  signal?: AbortSignal | undefined;
}

const commitPattern = /^[0-9a-f]{40}$/;

/** The commit that an address stands for now: what a cache key needs. */
export async function resolveGit(address: GitAddress, signal: AbortSignal | undefined): Promise<string> {
  const { url, ref = "HEAD" } = address;
  if (commitPattern.test(ref)) return ref;
  const rows = (await git(["ls-remote", "--", url, ref, `${ref}^{}`], "/", address, signal)).split("\n").map((line) => line.split("\t"));
  // An annotated tag has a second row, NAME^{}, with the commit it points at.
  const wanted = ["^{}", ""].flatMap((end) => [`refs/tags/${ref}`, `refs/heads/${ref}`, ref].map((name) => name + end));
  const commit = wanted.map((name) => rows.find((row) => row[1] === name)?.[0]).find(Boolean);
  if (!commit) throw new EngineError("not-found", `cannot find "${ref}" in git repository "${url}"`);
  return commit;
}

/** Fetches one commit's files, those of its submodules too, into an existing, empty directory. */
export async function fetchGit(text: string, directory: string, { keepGitDir, signal }: GitOptions): Promise<void> {
  const address = parseGitAddress(text);
  const work = join(directory, ".checkout");
  mkdirSync(work, { mode: 0o755 });
  const run = (args: string[]) => git(args, work, address, signal);
  await run(["init", "-q"]);
  await run(["remote", "add", "origin", address.url]); // what the relative addresses of submodules start from
  await run(["checkout", "-q", "--detach", await fetchCommit(run, address)]);
  if (existsSync(join(work, ".gitmodules"))) await fetchSubmodules(run);
  if (!keepGitDir || address.directory !== "") rmSync(join(work, ".git"), { recursive: true });
  const top = resolveInRoot(work, address.directory);
  if (!lstatSync(top, { throwIfNoEntry: false })?.isDirectory())
    throw new EngineError("not-found", `cannot find directory "${address.directory}" in git repository "${address.url}"`);
  for (const name of readdirSync(top)) renameSync(join(top, name), join(directory, name));
  rmSync(work, { recursive: true });
}

type Run = (args: string[]) => Promise<string>;

/** What a server says that can give no part of a history, and one that gives only commits with a name. */
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

async function git(args: string[], cwd: string, { url }: GitAddress, signal: AbortSignal | undefined): Promise<string> {
  const program = findProgram("git");
  if (!program)
    throw new EngineError("unsupported", `cannot fetch git repository "${url}": the program "git" is not installed`, {
      exit: 1,
      hint: "install git, or give a directory",
    });
  const { HOME = "/root", PATH = "", SSH_AUTH_SOCK } = process.env;
  // No question on a terminal, no transport that runs commands, nothing of the system's configuration.
  const env = {
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
