/** `# berth:pinned`: nothing that a build takes from elsewhere may become something else by itself. Pure. */
import { specOf } from "../../dockerfile/index.ts";
import { splitReference } from "../../dockerfile/lint/image-reference.ts";
import { isGitSource, isRemoteSource } from "../../dockerfile/remote-source.ts";
import type { Instruction, InstructionOf } from "../../dockerfile/types.ts";
import { EngineError, type SourceLocation } from "../../errors.ts";
import { type BuildPlan, type FromRef, resolveFrom } from "./plan.ts";

/** Values of the named contexts, by their names in lower case. */
type Contexts = Readonly<Record<string, string>>;

/** Judges all that the plan tells; what is told by variables and by triggers of base images, `refuseUnpinned` does. @throws EngineError `dockerfile` */
export function refuseUnpinnedPlan(plan: BuildPlan, contexts: Contexts): void {
  for (const { base, stage, index } of plan.reachable) {
    if (base.kind === "image" || base.kind === "context") requireDigest(base, contexts, stage.from.location);
    for (const instruction of stage.instructions) if (!isVariable(instruction)) refuseUnpinned(plan, instruction, index, contexts);
  }
}

const isVariable = (instruction: Instruction) =>
  instruction.kind === "add" && [...instruction.sources, instruction.checksum ?? ""].some((text) => text.includes("$"));

/** @param index of the stage. @throws EngineError `dockerfile`, located */
export function refuseUnpinned(plan: BuildPlan, instruction: Instruction, index: number, contexts: Contexts): void {
  for (const value of specOf(instruction).from?.of(instruction) ?? [])
    requireDigest(resolveFrom(plan, value, instruction, Object.keys(contexts), index), contexts, instruction.location);
  if (instruction.kind === "add") refuseUnpinnedSources(instruction);
}

function requireDigest(from: FromRef | { kind: "scratch" }, contexts: Contexts, location: SourceLocation): void {
  const image = from.kind === "image" ? from.reference : from.kind === "context" ? imageOf(contexts[from.name]) : undefined;
  if (image === undefined || image === "scratch" || splitReference(image).digest !== undefined || /^(sha256:)?[0-9a-f]{64}$/.test(image))
    return;
  throw new EngineError("dockerfile", `berth:pinned: image ${JSON.stringify(image)} is not named by its digest`, {
    location,
    hint: `write ${splitReference(image).name}@sha256:…, the digest that 'berth pull' and 'berth images --digests' show`,
  });
}

/** A named context that is an image. Others are files, as the build's own context. */
const imageOf = (context = "") => /^docker-image:\/\/(.+)$/.exec(context)?.[1];

function refuseUnpinnedSources({ sources, checksum, location }: InstructionOf<"add">): void {
  const loose = sources.find((source) => isRemoteSource(source) && !(isGitSource(source) ? isCommit(checksum ?? refOf(source)) : checksum));
  if (loose === undefined) return;
  const isGit = isGitSource(loose);
  throw new EngineError(
    "dockerfile",
    `berth:pinned: ${JSON.stringify(loose)} is fetched ${isGit ? "by no commit" : "without a checksum"}`,
    {
      location,
      hint: isGit ? "name the whole commit: ADD REPOSITORY.git#COMMIT" : "write ADD --checksum=sha256:…",
    },
  );
}

const isCommit = (ref = "") => /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(ref);

/** "…git#REF:DIRECTORY" */
const refOf = (source: string) => /#([^:]*)/.exec(source)?.[1];
