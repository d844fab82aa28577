/** The images tab. */
import type { Engine, ImageHistoryRow, ImageInspect, ImageLayers, ImageSummary } from "../../engine/index.ts";
import { ago } from "../../src/format/duration.ts";
import { describeDefault } from "../../src/format/security-default.ts";
import { humanSize } from "../../src/format/size.ts";
import { type DetailSection, filesTab, inspectTab, type LayerStep, type ResourceView, shortId, stepText, usedBy } from "./resource.ts";

function imageName(image: ImageSummary): string {
  return image.RepoTags[0] ?? shortId(image.Id);
}

export const images: ResourceView<ImageSummary> = {
  id: "images",
  title: "Images",
  key: "2",
  noun: "image",
  events: ["image", "builder"],
  columns: [
    {
      header: "IMAGE",
      min: 20,
      grow: 4,
      value: (row) => row.RepoTags.join(", ") || "<none>",
      sort: imageName,
      tone: (row) => (row.Dangling ? "dim" : "plain"),
    },
    { header: "ID", min: 12, drop: 5, value: (row) => shortId(row.Id), tone: () => "dim" },
    { header: "SIZE", min: 9, align: "right", value: (row) => humanSize(row.Size), sort: (row) => -row.Size },
    {
      header: "USED BY",
      min: 7,
      align: "right",
      drop: 2,
      value: (row) => (row.Containers > 0 ? String(row.Containers) : ""),
      sort: (row) => -row.Containers,
    },
    { header: "CREATED", min: 18, content: 18, drop: 4, value: (row, now) => ago(row.Created, now), sort: (row) => -row.Created },
  ],
  load: (engine) => engine.images.list(),
  identify: (row) => row.Id,
  name: imageName,
  haystack: (row) => `${row.RepoTags.join(" ")} ${row.Id}${row.Dangling ? " dangling" : ""}`.toLowerCase(),
  detail: async (engine, row) => {
    const [image, history] = await Promise.all([engine.images.inspect(row.Id), engine.images.history(row.Id)]);
    return sections(image, history);
  },
  tabs: [
    { title: "Layers", read: layersOf },
    { title: "History", read: async (engine, row) => historyOf(await engine.images.history(row.Id)) },
    filesTab((row) => ({ kind: "image", ref: row.Id }), stepsOf),
    { title: "Used by", read: (engine, row) => usedBy(engine, "image", ({ ImageID }) => ImageID === row.Id) },
    { title: "Security", read: securityOf },
    inspectTab((engine, row) => engine.images.inspect(row.Id)),
  ],
  empty: ["No images yet.", "Press b to build one, D for a demo, or : and", "pull NAME, import FILE, load -i FILE."],
};

/** Each layer, the lowest first, with the step of the history that made it. */
async function stepsOf(engine: Engine, { Id }: ImageSummary): Promise<LayerStep[]> {
  const [{ RootFS }, history] = await Promise.all([engine.images.inspect(Id), engine.images.history(Id)]);
  const steps = [...history].reverse().filter(({ Size }) => Size > 0);
  const layers = RootFS.Layers ?? [];
  return layers.map((digest, at) => {
    // A history may tell less than there are layers.
    const step = steps.length === layers.length ? steps[at] : undefined;
    return { digest, step: stepText(step?.CreatedBy ?? ""), ...(step && { size: step.Size }) };
  });
}

async function layersOf(engine: Engine, row: ImageSummary): Promise<DetailSection[]> {
  const { cannot } = await engine.capabilities();
  const steps = await stepsOf(engine, row);
  const report = cannot["images.layers"] === undefined ? await engine.images.layers(row.Id) : undefined;
  const rows = steps.map(({ digest, size, step }, at) => {
    const wasted = report?.Layers[at]?.Wasted ?? 0;
    return {
      layer: shortId(digest),
      size: size === undefined ? "" : humanSize(size),
      ...(report && { wasted: wasted > 0 ? humanSize(wasted) : "" }),
      "created by": step,
    };
  });
  return [...(report ? efficiencyOf(report) : []), { kind: "table", title: "Lowest first", rows }];
}

/** Findings of a check that are shown. */
const mostFindings = 20;

async function securityOf(engine: Engine, { Id }: ImageSummary): Promise<DetailSection[]> {
  const { cannot } = await engine.capabilities();
  const reason = cannot["images.security"];
  if (reason !== undefined) return [{ kind: "pairs", title: "", rows: [["Checks", reason]] }];
  const { Checks, Defaults, User } = await engine.images.security(Id);
  const results = Checks.map(({ Check, Findings }): [string, string] => [Check, Findings.length === 0 ? "ok" : `${Findings.length} found`]);
  const found = Checks.filter(({ Passed }) => !Passed).map(({ Check, Findings }): DetailSection => {
    const rows = Findings.slice(0, mostFindings).map(({ Layer, Message }) => ({ layer: Layer ? String(Layer) : "", found: Message }));
    return { kind: "table", title: Check, rows };
  });
  const defaults = Object.entries(Defaults).map(([name, value]): [string, string] => [
    name,
    value === "true" ? "yes" : describeDefault(name, value).slice(name.length + 1),
  ]);
  const begins: DetailSection[] = defaults.length > 0 ? [{ kind: "pairs", title: "Containers begin with", rows: defaults }] : [];
  return [{ kind: "pairs", title: "", rows: [["User", User || "root"], ...results] }, ...begins, ...found];
}

/** Paths that cost most. */
const mostRepeated = 10;

/** As dive has it. */
function efficiencyOf({ Repeated, Layers }: ImageLayers): DetailSection[] {
  const files = Repeated.Files.filter(({ Size }) => Size > 0).slice(0, mostRepeated);
  const facts: [string, string][] = [
    ["Efficiency", `${(Repeated.Score * 100).toFixed(1)} %`],
    ["Wasted", `${humanSize(Repeated.Wasted)} of ${humanSize(Layers.reduce((sum, { Size }) => sum + Size, 0))}`],
  ];
  const rows = files.map(({ Path, Layers: layers, Size }) => ({ size: humanSize(Size), layers: String(layers), path: Path }));
  const table: DetailSection[] = rows.length > 0 ? [{ kind: "table", title: "In several layers", rows }] : [];
  return [{ kind: "pairs", title: "", rows: facts }, ...table];
}

function historyOf(history: readonly ImageHistoryRow[]): DetailSection[] {
  const rows = history.map(({ Created, Size, CreatedBy, Comment }) => ({
    created: new Date(Created * 1000).toISOString().slice(0, 16).replace("T", " "),
    size: humanSize(Size),
    "created by": stepText(CreatedBy) || (Comment && `# ${Comment}`),
  }));
  return [{ kind: "table", title: "Newest first", rows }];
}

function sections(image: ImageInspect, history: ImageHistoryRow[]): DetailSection[] {
  const { Config } = image;
  const facts: [string, string][] = [
    ["Id", shortId(image.Id)],
    ["Tags", image.RepoTags.join(", ") || "none"],
    ["Size", humanSize(image.Size)],
    ["Platform", `${image.Os}/${image.Architecture}${image.Variant ? `/${image.Variant}` : ""}`],
    ["Created", image.Created.replace(/\.\d+/, "")],
    ["Entrypoint", (Config.Entrypoint ?? []).join(" ") || "none"],
    ["Cmd", (Config.Cmd ?? []).join(" ") || "none"],
    ["User", Config.User || "root"],
    ["Workdir", Config.WorkingDir || "/"],
    ...demandedOf(Config.Labels),
    ["Ports", Object.keys(Config.ExposedPorts ?? {}).join(" ") || "none"],
  ];
  const layers = history
    .filter((row) => row.CreatedBy || row.Size > 0)
    .map((row) => ({ size: humanSize(row.Size), "created by": stepText(row.CreatedBy) }));
  const tables: DetailSection[] = layers.length > 0 ? [{ kind: "table", title: "Layers, newest first", rows: layers }] : [];
  return [{ kind: "pairs", title: "", rows: facts }, ...tables];
}

/** What containers begin with, by the image's labels: docs/security-directives.md. */
function demandedOf(labels: Record<string, string> | null = {}): [string, string][] {
  const own = Object.entries(labels ?? {}).flatMap(([label, value]) => {
    const name = /^io\.berth\.security\.(.+)$/.exec(label)?.[1];
    return name ? [describeDefault(name, value)] : [];
  });
  return own.length > 0 ? [["Demands", own.join(", ")]] : [];
}
