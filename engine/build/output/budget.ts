/**
 * The image's budget: `# berth:max-size=`, `# berth:max-layers=`, `# berth:min-efficiency=` and `--max-size`. Over it
 * the build fails before the tags move, and says which layers, instructions and files are to blame.
 */
import type { Dockerfile } from "../../dockerfile/types.ts";
import { EngineError, type SourceLocation } from "../../errors.ts";
import { layersOf, lowerdirs } from "../../image/layers/index.ts";
import type { FileUse, LayerUse } from "../../image/view/index.ts";
import type { Ground } from "../../state/ground.ts";
import type { BuildOptions } from "../index.ts";
import type { StageState } from "../plan/index.ts";
import type { Progress } from "../report/index.ts";

export interface Limit {
  value: number;
  /** As the user wrote it. */
  text: string;
  location?: SourceLocation;
}

export interface Budget {
  /** Bytes. */
  maxSize?: Limit;
  maxLayers?: Limit;
  /** 0 to 1. */
  minEfficiency?: Limit;
}

/** The directives, of which `--max-size` replaces its own. */
export function budgetOf({ berth }: Pick<Dockerfile, "berth">, { maxSize }: BuildOptions): Budget {
  return { ...berth, ...(maxSize === undefined ? {} : { maxSize: { value: maxSize, text: formatSize(maxSize) } }) };
}

/** One layer and the instruction that made it. */
export interface LayerShare {
  /** Bytes of file content. */
  size: number;
  instruction: string;
}

/** How many layers and files the report names. */
const named = 5;

/**
 * Compares the finished stage with its budget.
 * @throws EngineError `build-step`, located at the directive, with the guilty in `details`
 */
export async function checkBudget(ground: Ground, state: StageState, budget: Budget, progress: Progress): Promise<void> {
  if (!budget.maxSize && !budget.maxLayers && !budget.minEfficiency) return;
  const layers = sharesOf(ground, state);
  await progress.step("checking the image's budget", async (report) => {
    const plain = firstExcess(budget, layers);
    if (!plain && !budget.minEfficiency) return;
    const { weighLayers } = await import("../../image/view/layer-use.ts");
    const use = weighLayers((lowerdirs(ground, state.chainId) ?? []).toReversed());
    const excess = plain ?? inefficiency(budget.minEfficiency, use);
    if (!excess) return;
    const text = describeUse(layers, use);
    report.log("stderr", Buffer.from(text));
    throw new EngineError("build-step", `the image is over its budget: ${excess.message}`, {
      hint: `make the steps named above smaller, or raise ${excess.name}; the tags stay where they were`,
      ...(excess.limit.location ? { location: excess.limit.location } : {}),
      details: detailsOf(layers, use),
    });
  });
}

function sharesOf(ground: Ground, state: StageState): LayerShare[] {
  const layers = (layersOf(ground, state.chainId) ?? []).reverse();
  const makers = state.history.filter((entry) => !entry.empty_layer);
  return layers.map(({ size }, index) => ({
    size,
    instruction: makers.length === layers.length ? instructionOf(makers[index]?.created_by) : `layer ${index + 1}`,
  }));
}

/** "RUN /bin/sh -c make # buildkit" → "RUN make" */
export function instructionOf(createdBy = ""): string {
  const text = createdBy
    .replace(/ # buildkit$/, "")
    .replace(/^RUN (?:\|\d+ .*?)?\/bin\/sh -c /s, "RUN ")
    .replace(/\s+/g, " ");
  return text === "" ? "a layer of the base image" : text;
}

interface Excess {
  name: string;
  limit: Limit;
  message: string;
}

/** What can be said without reading the layers' files. */
export function firstExcess({ maxSize, maxLayers }: Budget, layers: readonly LayerShare[]): Excess | undefined {
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  if (maxSize && size > maxSize.value) {
    const [worst] = largest(layers);
    const guilty = worst ? `; ${quote(worst.instruction)} adds ${formatSize(worst.size)}` : "";
    return {
      name: "max-size",
      limit: maxSize,
      message: `its layers hold ${formatSize(size)}, at most ${maxSize.text} are allowed${guilty}`,
    };
  }
  if (maxLayers && layers.length > maxLayers.value) {
    return { name: "max-layers", limit: maxLayers, message: `it has ${layers.length} layers, at most ${maxLayers.text} are allowed` };
  }
  return undefined;
}

function inefficiency(limit: Limit | undefined, { total, wasted }: LayerUse): Excess | undefined {
  if (!limit || total === 0) return undefined;
  const bytes = wasted.reduce((sum, file) => sum + file.size, 0);
  const efficiency = (total - bytes) / total;
  if (efficiency >= limit.value) return undefined;
  const message = `${formatSize(bytes)} of ${formatSize(total)} are hidden by later layers (efficiency ${efficiency.toFixed(2)}), at least ${limit.text} is asked for`;
  return { name: "min-efficiency", limit, message };
}

function largest<T extends { size: number }>(items: readonly T[]): T[] {
  return items
    .filter(({ size }) => size > 0)
    .toSorted((a, b) => b.size - a.size)
    .slice(0, named);
}

function describeUse(layers: readonly LayerShare[], { files, wasted }: LayerUse): string {
  const row = (size: number, text: string) => `${formatSize(size).padStart(9)}  ${text}`;
  const maker = (layer: number) => layers[layer]?.instruction ?? `layer ${layer + 1}`;
  const lines = ["largest layers:", ...largest(layers).map(({ size, instruction }) => row(size, instruction))];
  lines.push("largest files:", ...largest(files).map(({ size, path, layer }) => row(size, `/${path}  (${maker(layer)})`)));
  if (wasted.length > 0) lines.push("wasted: replaced or removed by a later layer:");
  for (const { size, path, layer, by } of largest(wasted))
    lines.push(row(size, `/${path}  (${maker(layer)}; gone in ${maker(by ?? layer)})`));
  return `${lines.join("\n")}\n`;
}

function detailsOf(layers: readonly LayerShare[], { files, wasted, total }: LayerUse): Record<string, unknown> {
  const plain = (file: FileUse) => ({ path: `/${file.path}`, size: file.size, instruction: layers[file.layer]?.instruction });
  return { size: total, layers: largest(layers), files: largest(files).map(plain), wasted: largest(wasted).map(plain) };
}

function quote(text: string): string {
  return `"${text.length > 80 ? `${text.slice(0, 79)}…` : text}"`;
}

/** Bytes in docker's decimal units: "12.3MB". */
export function formatSize(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  let value = bytes;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at++;
  }
  return `${Number(value.toPrecision(4))}${units[at]}`;
}
