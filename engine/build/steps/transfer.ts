/** What COPY and ADD share as steps: sources are digested for the key, and copied when the cache has no answer. */
import type { TransferInstruction } from "../../dockerfile/instructions/transfer.ts";
import type { InstructionBase } from "../../dockerfile/types.ts";
import { EngineError, type SourceLocation } from "../../errors.ts";
import { type SelectOptions, selectSources } from "../context/index.ts";
import type { StageState } from "../plan/index.ts";
import type { CopyOptions } from "./copy-files.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import type { PreparedStep, StageScope } from "./scope.ts";
import { joinDestination } from "./working-directory.ts";

/** What is COPY's or ADD's own. */
export interface Transfer {
  keyword: string;
  instruction: TransferInstruction;
  /** `--parents` */
  parents: boolean;
  /** Where the sources come from, in the order of the instruction. */
  groups(select: SelectOptions): Promise<Group[]>;
}

export async function prepareTransfer(scope: StageScope, state: StageState, transfer: Transfer): Promise<PreparedStep> {
  const { instruction } = transfer;
  try {
    return await prepare(scope, state, transfer);
  } catch (error) {
    const source = error instanceof EngineError ? error.details?.["source"] : undefined;
    if (error instanceof EngineError && typeof source === "string") error.location ??= locateWord(instruction.location, source);
    throw error;
  }
}

/** Where a word of the instruction stands; the instruction itself when its text is not there as it is. */
function locateWord(location: SourceLocation, word: string): SourceLocation {
  const lines = location.source?.split(/\r?\n/) ?? [];
  for (let line = location.line; line <= (location.endLine ?? location.line); line++) {
    const at = lines[line - 1]?.indexOf(word, line === location.line ? location.column : 0) ?? -1;
    if (at >= 0) return { ...location, line, column: at + 1 };
  }
  return location;
}

/** Sources that come from one place. */
export interface Group {
  inputs: Inputs;
  sources: readonly string[];
  /** Archives among them are unpacked instead of copied. */
  unpack: boolean;
}

async function prepare(scope: StageScope, state: StageState, transfer: Transfer): Promise<PreparedStep> {
  const { instruction } = transfer;
  const destination = joinDestination(state.config.WorkingDir, instruction.destination);
  const select = await selectOptions(transfer);
  const groups = await transfer.groups(select);
  const [only] = groups;
  const { chown, chmod, inline } = instruction;
  return {
    key: {
      kind: "copy",
      destination,
      inputs: [groups.length === 1 ? only?.inputs.digest : groups.map(({ inputs }) => inputs.digest), inlineInputs(instruction)],
      owner: chown ?? "",
      mode: chmod ?? "",
      link: instruction.link,
      unpack: groups.some(({ unpack }) => unpack),
    },
    createdBy: `${historyText(transfer)} # buildkit`,
    // A name can only be looked up in the files below.
    independent: instruction.link && (chown === undefined || /^\d+(?::\d+)?$/.test(chown)),
    async run(workspace, report) {
      const { copySources } = await import("./copy-files.ts");
      const { resolveOwner } = await import("./owner.ts");
      const { ensureDirectory } = await import("../workspace/rootfs-path.ts");
      const note = (text: string) => report.log("stderr", Buffer.from(`note: ${text}\n`));
      const options: CopyOptions = { destination, note, signal: scope.signal };
      if (chown !== undefined) options.owner = resolveOwner(workspace.rootfs, chown, report);
      if (chmod !== undefined) options.mode = chmod;
      for (const { inputs, sources: paths, unpack } of groups) {
        await using origin = await inputs.open();
        const sources = origin ? paths.flatMap((path) => selectSources(origin.tree, path, select)) : [];
        if (sources.length === 0 && inline.length === 0) {
          // A wildcard that matches nothing makes nothing, but for --parents, which takes the whole tree and keeps what matches.
          if (select.parents) ensureDirectory(workspace.rootfs, destination, options.owner);
          continue;
        }
        const unpacking = unpack ? { unpack: (await import("./unpack.ts")).unpackInto(workspace.rootfs, options.owner, scope.signal) } : {};
        await copySources(workspace.rootfs, sources, { ...options, ...unpacking });
      }
      if (inline.length > 0) (await import("./inline.ts")).writeInline(workspace.rootfs, inline, options);
    },
  };
}

/** All files of a named context as the only layer: what `FROM` makes of a directory. */
export async function prepareDirectory(scope: StageScope, name: string, at: InstructionBase): Promise<PreparedStep> {
  const inputs = await readInputs(scope, ["/"], name, at);
  return {
    key: { kind: "copy", destination: "/", inputs: [inputs.digest], owner: "", mode: "", link: false, unpack: false },
    createdBy: `local source for ${name}`,
    async run(workspace) {
      const { copySources } = await import("./copy-files.ts");
      await using origin = await inputs.open();
      if (origin) await copySources(workspace.rootfs, selectSources(origin.tree, "/"), { destination: "/", signal: scope.signal });
    },
  };
}

async function selectOptions({ instruction: { exclude }, parents }: Transfer): Promise<SelectOptions> {
  if (exclude.length === 0) return parents ? { parents } : {};
  const { parseDockerignore } = await import("../../dockerfile/dockerignore.ts");
  const rules = parseDockerignore(exclude.join("\n"), { file: "--exclude" });
  return { parents, exclude, excluded: (path) => rules.ignores(path) };
}

function inlineInputs({ inline }: TransferInstruction): string[][] {
  return inline.map(({ name, data }) => [name, data]);
}

/** BuildKit's created_by: the flags it keeps, the sources, inline files by name, the destination. */
function historyText({ keyword, instruction, parents }: Transfer): string {
  const words = [keyword];
  if (parents) words.push("--parents");
  if (instruction.chown !== undefined) words.push(`--chown=${instruction.chown}`);
  if (instruction.chmod !== undefined) words.push(`--chmod=${instruction.chmod}`);
  words.push(...instruction.sources, ...instruction.inline.map(({ name }) => `<<${name}`), instruction.destination);
  return words.join(" ");
}
