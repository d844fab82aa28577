/**
 * What a Dockerfile demands of its image, checked before the image is made: `# berth:user`, `# berth:no-setuid`, `# berth:no-secrets`,
 * `# berth:no-shell`. All are checked, so that all that is wrong is known at once; then the first that is not met fails the build.
 */
import { berthDirectives } from "../../dockerfile/berth-directives.ts";
import { type Exceptions, isExcepted } from "../../dockerfile/directive-values.ts";
import type { BerthDirective, BerthDirectives } from "../../dockerfile/types.ts";
import { EngineError, type SourceLocation } from "../../errors.ts";
import { audit, isLookedAt } from "../../image/audit/index.ts";
import type { SecurityCheck, SecurityFinding } from "../../image/types.ts";
import type { Ground } from "../../state/ground.ts";
import type { ContextSource, Making } from "../context/index.ts";
import { instructionOf } from "../output/index.ts";
import type { StageState } from "../plan/index.ts";
import type { Progress } from "../report/index.ts";
import { addSecurityLabels } from "./security-labels.ts";

/** Which check of an image a directive asks for, in the order of the table. */
const checks = { user: "user", noSetuid: "setuid", noSecrets: "secrets", noShell: "shell" } as const satisfies Partial<
  Record<keyof BerthDirectives, SecurityCheck>
>;
type Checked = keyof typeof checks;

interface Demand {
  field: Checked;
  directive: BerthDirective;
}

export interface DemandParts {
  progress: Progress;
  making: Making;
  context: ContextSource;
  signal: AbortSignal;
}

/**
 * Gives the image its labels, and checks it.
 * @throws EngineError `build-step`, located at the instruction that is to blame, or at the directive; `details` has all findings
 */
export async function checkDemands(ground: Ground, state: StageState, berth: BerthDirectives, parts: DemandParts): Promise<void> {
  await addSecurityLabels(state, berth, parts.context, parts.progress);
  const demands = (Object.keys(checks) as Checked[]).flatMap((field): Demand[] => {
    const directive = berth[field];
    return directive ? [{ field, directive }] : [];
  });
  // Looking at layers takes long, and wants to be shown.
  if (demands.length > 0 && !isLookedAt(ground, state.chainId)) parts.making.begin();
  let failed: unknown;
  for (const demand of demands) {
    await check(ground, state, demand, parts).catch((error: unknown) => {
      parts.signal.throwIfAborted();
      failed ??= error;
    });
  }
  if (failed !== undefined) throw failed;
}

/** How many findings are listed: busybox alone has four hundred names. */
const listed = 20;

function check(ground: Ground, state: StageState, { field, directive }: Demand, { progress, signal }: DemandParts): Promise<void> {
  const { name } = berthDirectives[field];
  return progress.step(`checking berth:${name}`, async (report) => {
    const found = (await audit(ground, state, [checks[field]], signal)).filter(({ Path }) => !isPassedOver(directive, Path));
    const [first] = found;
    if (!first) return;
    const lines = found.slice(0, listed).map((each) => describe(state, each));
    if (found.length > listed) lines.push(`and ${found.length - listed} more`);
    report.log("stderr", Buffer.from(`${lines.join("\n")}\n`));
    throw failure(name, state, first, found, directive);
  });
}

function isPassedOver({ value }: BerthDirective, path: string | undefined): boolean {
  return path !== undefined && typeof value === "object" && value !== null && isExcepted(value as Exceptions, path);
}

function failure(
  name: string,
  state: StageState,
  first: SecurityFinding,
  found: readonly SecurityFinding[],
  directive: BerthDirective,
): EngineError {
  const { file, line } = directive.location;
  const more = found.length > 1 ? ` (and ${found.length - 1} more)` : "";
  const made = makerOf(state, first);
  return new EngineError(
    "build-step",
    `the image is not what berth:${name} demands: ${first.Message}${more}${made ? `; it came with ${made}` : ""}`,
    {
      location: placeOf(state, first) ?? directive.location,
      hint: `${file}:${line} demands it; no image was made, and the tags stay where they were`,
      details: { directive: name, findings: found.map((each) => ({ ...each, CreatedBy: makerOf(state, each) })) },
    },
  );
}

const describe = (state: StageState, finding: SecurityFinding) => {
  const made = makerOf(state, finding);
  return made ? `${finding.Message}  (${made})` : finding.Message;
};

/** Which entry of the history is to blame. */
function entryOf({ history, diffIds }: StageState, { History, Layer }: SecurityFinding): number | undefined {
  if (History !== undefined) return History - 1;
  if (Layer === undefined) return undefined;
  // From the end: a base image may come with less history than it has layers.
  const layers = history.flatMap(({ empty_layer }, at) => (empty_layer ? [] : [at]));
  return layers.at(Layer - 1 - diffIds.length);
}

function placeOf(state: StageState, finding: SecurityFinding): SourceLocation | undefined {
  const entry = entryOf(state, finding);
  return entry === undefined ? undefined : state.places[entry];
}

/** The instruction; not its words where those are the secret. */
function makerOf(state: StageState, finding: SecurityFinding): string {
  const entry = entryOf(state, finding);
  if (entry === undefined) return finding.Layer === undefined ? "" : "the base image";
  const text = instructionOf(state.history[entry]?.created_by);
  return finding.Path === undefined
    ? `the ${text.split(" ", 1)[0]} instruction`
    : JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
