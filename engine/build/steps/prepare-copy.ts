/** COPY and ADD as steps: finds the sources, digests them for the key, and copies them when the cache has no answer. */
import type { InstructionOf } from "../../dockerfile/types.ts";
import { EngineError, type SourceLocation } from "../../errors.ts";
import { selectSources } from "../context/select.ts";
import type { BuildScope, PreparedStep } from "../solver.ts";
import type { StageState } from "../stage-state.ts";
import type { CopyOptions } from "./copy.ts";
import { readInputs } from "./inputs.ts";
import { joinDestination } from "./working-directory.ts";

type Transfer = InstructionOf<"copy" | "add">;

export async function prepareCopy(scope: BuildScope, state: StageState, instruction: Transfer): Promise<PreparedStep> {
  refuseUnsupported(instruction);
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

async function prepare(scope: BuildScope, state: StageState, instruction: Transfer): Promise<PreparedStep> {
  const destination = joinDestination(state.config.WorkingDir, instruction.destination);
  const from = instruction.kind === "copy" ? instruction.from : undefined;
  const inputs = await readInputs(scope, instruction.sources, from, instruction);
  const unpack = instruction.kind === "add";
  return {
    key: {
      kind: "copy",
      destination,
      inputs: [inputs.digest, inlineInputs(instruction)],
      owner: instruction.chown ?? "",
      mode: instruction.chmod ?? "",
      link: instruction.link,
      unpack,
    },
    createdBy: `${historyText(instruction)} # buildkit`,
    async run(workspace) {
      await using origin = await inputs.open();
      const sources = origin ? instruction.sources.flatMap((path) => selectSources(origin.tree, path)) : [];
      const options: CopyOptions = { destination, signal: scope.signal };
      const { copySources } = await import("./copy.ts");
      const { resolveOwner } = await import("./owner.ts");
      if (instruction.chown !== undefined) options.owner = resolveOwner(workspace.rootfs, instruction.chown);
      if (instruction.chmod !== undefined) options.mode = instruction.chmod;
      if (unpack) options.unpack = (await import("./unpack.ts")).unpackInto(workspace.rootfs, options.owner, scope.signal);
      await copySources(workspace.rootfs, sources, options);
      if (instruction.inline.length > 0) (await import("./inline.ts")).writeInline(workspace.rootfs, instruction.inline, options);
    },
  };
}

/** Flags of the language that this builder does not carry out yet are refused, never ignored. */
function refuseUnsupported(instruction: Transfer): void {
  const refuse = (what: string): never => {
    throw new EngineError("unsupported", `cannot carry out ${what} yet`, {
      location: instruction.location,
      exit: 1,
      hint: "write the step without it",
    });
  };
  if (instruction.exclude.length > 0) refuse(`${instruction.kind.toUpperCase()} --exclude`);
  if (instruction.kind === "copy" && instruction.parents) refuse("COPY --parents");
  if (instruction.kind === "add" && instruction.sources.some((source) => /^(?:https?|git|ssh):\/\/|^git@/.test(source)))
    refuse("ADD of a remote source");
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
