/** `berth images`: list images. */
import { EngineError } from "../../../engine/errors.ts";
import type { ImageSummary } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { filtersOf, isSet, textOf } from "../flag-values.ts";
import { imageColumns, imageLines } from "./image-rows.ts";
import { imageTree } from "./image-tree.ts";

const spec: CommandSpec<ImageSummary[]> = command({
  summary: "List images",
  description:
    "Filters: dangling, label, reference (a pattern with * and ?), before, since, until. Values of one key are alternatives, but all labels must be there; different keys must all hold.",
  examples: [
    { line: "berth images", does: "Show all images" },
    { line: "berth images 'python:3.*'", does: "Show those whose name fits a pattern" },
    { line: "berth images --tree", does: "Show the platforms of each image too" },
    { line: "berth images -q -f dangling=true", does: "Print the ids of images without a name" },
  ],
  flags: [
    { name: "all", short: "a", type: "boolean", help: "Show parents without a name too" },
    { name: "digests", type: "boolean", help: "Show digests" },
    { name: "filter", short: "f", type: "list", placeholder: "KEY=VALUE", help: "Show only what matches" },
    { name: "format", type: "string", placeholder: "FORMAT", help: "'table', 'table TEMPLATE', 'json' or a Go template" },
    { name: "no-trunc", type: "boolean", help: "Do not shorten ids" },
    { name: "quiet", short: "q", type: "boolean", help: "Print only ids" },
    { name: "tree", type: "boolean", help: "Show the platforms of each image, what is here of them, and what is used" },
  ],
  args: [{ name: "REPOSITORY[:TAG]", optional: true, subject: "image" }],
  async *run({ engine }, input) {
    const manifests = isSet(input, "tree");
    const other = manifests && ["quiet", "no-trunc", "digests", "format"].find((name) => input.flags[name]);
    if (other) throw new EngineError("usage", `--${other} is not yet supported with --tree`, { exit: 1 });
    const rows = await engine.images.list({ all: isSet(input, "all"), reference: input.args[0], filters: filtersOf(input), manifests });
    for (const text of await engine.system.troubles()) yield { type: "warning", text };
    return rows;
  },
  blank: [],
  present(images, input) {
    if (isSet(input, "tree")) return { kind: "lines", lines: imageTree(images) };
    const format = textOf(input, "format");
    const digests = isSet(input, "digests") || (format?.includes(".Digest") ?? false);
    return {
      kind: "table",
      columns: imageColumns({ noTrunc: isSet(input, "no-trunc"), digests: isSet(input, "digests") }),
      rows: imageLines(images, digests),
      format,
      raw: rawRow(isSet(input, "digests")),
      quiet: isSet(input, "quiet"),
      key: "ID",
    };
  },
});

/** What `--format raw` writes of an image, and a line for nothing between two. */
const rawRow = (digests: boolean) => `repository: {{.Repository}}
tag: {{.Tag}}
${digests ? "digest: {{.Digest}}\n" : ""}image_id: {{.ID}}
created_at: {{.CreatedAt}}
virtual_size: {{.Size}}
`;

export default spec;
