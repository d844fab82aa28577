/** `berth compose images`: the images that a project's containers were made from. */
import { ago } from "../../format/duration.ts";
import { humanSize } from "../../format/size.ts";
import { type Column, type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { projectOrMade, requireServices } from "./project.ts";

interface Row {
  ID: string;
  ContainerName: string;
  Repository: string;
  Tag: string;
  Platform: string;
  Size: number;
  Created: string;
  LastTagTime: string;
}

const spec: CommandSpec<Row[]> = command({
  summary: "List the images of a project's containers",
  examples: [{ line: "berth compose images", does: "Show each container's image, with its size" }],
  flags: [
    { name: "format", type: "string", choices: ["table", "json"], default: "table", help: "Format of the output" },
    { name: "quiet", short: "q", type: "boolean", help: "Print only ids" },
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const { engine } = context;
    const project = yield* projectOrMade(context, input);
    requireServices(project, input.args);
    const { found, observeContainers } = await import("../../../engine/compose/index.ts");
    const chosen = (await observeContainers(engine, project.model.name)).filter(
      ({ service }) => input.args.length === 0 || input.args.includes(service),
    );
    const rows = await Promise.all(
      chosen.map(async ({ name, summary }): Promise<Row | undefined> => {
        const image = await found(engine.images.inspect(summary.ImageID)); // it may have been removed since
        if (!image) return undefined;
        const named = image.RepoTags.find((tag) => tag === summary.Image || tag === `${summary.Image}:latest`);
        const [Repository = "<none>", Tag = "<none>"] = splitTag(named ?? image.RepoTags[0]);
        const Platform = [image.Os, image.Architecture, image.Variant].filter(Boolean).join("/");
        return {
          ID: image.Id,
          ContainerName: name,
          Repository,
          Tag,
          Platform,
          Size: image.Size,
          Created: image.Created,
          LastTagTime: image.Metadata.LastTagTime,
        };
      }),
    );
    return rows.filter((row) => row !== undefined);
  },
  present(rows, input) {
    if (isSet(input, "quiet")) return { kind: "lines", lines: [...new Set(rows.map(({ ID }) => ID.replace(/^sha256:/, "")))] };
    if (textOf(input, "format") === "json") return { kind: "lines", lines: [JSON.stringify(rows)] };
    return { kind: "table", columns, rows, spacing: { minimum: 20 } };
  },
});

function splitTag(tag: string | undefined): string[] {
  if (tag === undefined) return [];
  const colon = tag.lastIndexOf(":");
  return [tag.slice(0, colon), tag.slice(colon + 1)];
}

const columns: Column<Row>[] = [
  { header: "CONTAINER", field: "ContainerName", value: (row) => row.ContainerName },
  { header: "REPOSITORY", field: "Repository", value: (row) => row.Repository },
  { header: "TAG", field: "Tag", value: (row) => row.Tag },
  { header: "PLATFORM", field: "Platform", value: (row) => row.Platform },
  { header: "IMAGE ID", field: "ID", value: (row) => row.ID.replace(/^sha256:/, "").slice(0, 12) },
  { header: "SIZE", field: "Size", value: (row) => humanSize(row.Size) },
  { header: "CREATED", field: "Created", value: (row) => ago(Date.parse(row.Created) / 1000) },
];

export default spec;
