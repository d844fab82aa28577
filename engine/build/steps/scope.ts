/** What the steps of a build have in common, and what a step made ready is: what the solver gives them and gets. */
import type { ResolvedImage } from "../../image/store/index.ts";
import type { Platform } from "../../platform.ts";
import type { Ground } from "../../state/ground.ts";
import type { StepKey } from "../cache/index.ts";
import type { CarriedCache } from "../carry/index.ts";
import type { BaseImages, ContextSource, Making, NamedContexts } from "../context/index.ts";
import type { BuildOptions } from "../index.ts";
import type { BuildPlan, StageState } from "../plan/index.ts";
import type { Progress, StepReport } from "../report/index.ts";
import type { Workspace } from "../workspace/index.ts";

/** What every step of a build can reach. */
export interface BuildScope {
  ground: Ground;
  options: BuildOptions;
  plan: BuildPlan;
  progress: Progress;
  making: Making;
  signal: AbortSignal;
  context: ContextSource;
  contexts: NamedContexts;
  /** Steps that builds on other hosts ran. */
  carried?: CarriedCache | undefined;
  platform: Platform;
  /** The Dockerfile's escape character. */
  escape: "\\" | "`";
  /** With `# berth:pinned`: what the named contexts are. */
  pinned?: Readonly<Record<string, string>>;
  /** With `# berth:verify`: judges an image that the build is to use. @throws EngineError */
  admit?: (reference: string, image: ResolvedImage) => Promise<void>;
  /** SOURCE_DATE_EPOCH, seconds. */
  epoch?: number;
  /** The state of a stage when it is complete. */
  stage(index: number): Promise<StageState>;
  images: BaseImages;
  /** What is put away when the build is over. */
  cleanup: AsyncDisposableStack;
}

/** What a stage's steps can reach. */
export interface StageScope extends BuildScope {
  /** Of the stage: it may use those before it. */
  stageIndex: number;
}

/** A step made ready: what it is called, what it depends on, and what runs when the cache has no answer. */
export interface PreparedStep {
  key: StepKey;
  createdBy: string;
  /** `--link`: the layer does not depend on those below, and is made without them. */
  independent?: boolean;
  /** It could fetch what no digest names. */
  reachesNetwork?: boolean;
  run(workspace: Workspace, report: StepReport): Promise<void>;
}
