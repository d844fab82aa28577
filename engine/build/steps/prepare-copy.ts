/** COPY and ADD as steps: finds the sources, digests them for the key, and copies them when the cache has no answer. */
import { isGitSource, isRemoteSource } from "../../dockerfile/remote-source.ts";
import type { InstructionBase, InstructionOf } from "../../dockerfile/types.ts";
import { EngineError, type SourceLocation } from "../../errors.ts";
import { type SelectOptions, selectSources } from "../context/select.ts";
import type { PreparedStep, StageScope } from "../scope.ts";
import type { StageState } from "../stage-state.ts";
import type { CopyOptions } from "./copy.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import { joinDestination } from "./working-directory.ts";

type Transfer = InstructionOf<"copy" | "add">;

export async function prepareCopy(scope: StageScope, state: StageState, instruction: Transfer): Promise<PreparedStep> {
  try {
    return await prepare(scope, state, instruction);
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
interface Group {
  inputs: Inputs;
  sources: readonly string[];
  /** Archives among them are unpacked instead of copied. */
  unpack: boolean;
}

async function prepare(scope: StageScope, state: StageState, instruction: Transfer): Promise<PreparedStep> {
  const destination = joinDestination(state.config.WorkingDir, instruction.destination);
  const select = await selectOptions(instruction);
  const groups = await groupsOf(scope, instruction, select);
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
    createdBy: `${historyText(instruction)} # buildkit`,
    // A name can only be looked up in the files below.
    independent: instruction.link && (chown === undefined || /^\d+(?::\d+)?$/.test(chown)),
    async run(workspace, report) {
      const { copySources } = await import("./copy.ts");
      const { resolveOwner } = await import("./owner.ts");
      const { ensureDirectory } = await import("./rootfs-path.ts");
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
      const { copySources } = await import("./copy.ts");
      await using origin = await inputs.open();
      if (origin) await copySources(workspace.rootfs, selectSources(origin.tree, "/"), { destination: "/", signal: scope.signal });
    },
  };
}

async function selectOptions(instruction: Transfer): Promise<SelectOptions> {
  const { exclude } = instruction;
  const parents = instruction.kind === "copy" && instruction.parents;
  if (exclude.length === 0) return parents ? { parents } : {};
  const { parseDockerignore } = await import("../../dockerfile/dockerignore.ts");
  const rules = parseDockerignore(exclude.join("\n"), { file: "--exclude" });
  return { parents, exclude, excluded: (path) => rules.ignores(path) };
}

/** Remote sources each are a place of their own; all others come from the same. In the order of the instruction. */
async function groupsOf(scope: StageScope, instruction: Transfer, select: SelectOptions): Promise<Group[]> {
  if (instruction.kind === "copy") {
    if (instruction.from === undefined) refuseRemote(instruction.sources);
    const inputs = await readInputs(scope, instruction.sources, instruction.from, instruction, select);
    return [{ inputs, sources: instruction.sources, unpack: false }];
  }
  const unpack = instruction.unpack ?? true;
  if (!instruction.sources.some(isRemoteSource)) {
    const inputs = await readInputs(scope, instruction.sources, undefined, instruction, select);
    return [{ inputs, sources: instruction.sources, unpack }];
  }
  scope.making.begin();
  const { readRemote } = await import("./remote-inputs.ts");
  const groups: Group[] = [];
  for (const source of instruction.sources) {
    if (isRemoteSource(source)) {
      const inputs = await readRemote(scope, source, instruction);
      groups.push({ inputs, sources: inputs.sources, unpack: instruction.unpack ?? false });
    } else groups.push({ inputs: await readInputs(scope, [source], undefined, instruction, select), sources: [source], unpack });
  }
  return groups;
}

/** What only ADD can fetch. */
function refuseRemote(sources: readonly string[]): void {
  const source = sources.find(isRemoteSource);
  if (source === undefined) return;
  const kind = isGitSource(source) ? "git ref" : "URL";
  throw new EngineError("dockerfile", `source can't be a ${kind} for COPY`, { hint: "write ADD instead", details: { source } });
}

function inlineInputs({ inline }: Transfer): string[][] {
  return inline.map(({ name, data }) => [name, data]);
}

/** BuildKit's created_by: the flags it keeps, the sources, inline files by name, the destination. */
function historyText(instruction: Transfer): string {
  const words = [instruction.kind.toUpperCase()];
  if (instruction.kind === "copy" && instruction.parents) words.push("--parents");
  if (instruction.chown !== undefined) words.push(`--chown=${instruction.chown}`);
  if (instruction.chmod !== undefined) words.push(`--chmod=${instruction.chmod}`);
  words.push(...instruction.sources, ...instruction.inline.map(({ name }) => `<<${name}`), instruction.destination);
  return words.join(" ");
}
