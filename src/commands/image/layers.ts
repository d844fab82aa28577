/** `berth image layers`: what an image weighs, layer by layer and file by file, and what of it is wasted. */
import type { ImageLayers, LayerFile } from "../../../engine/index.ts";
import { neutraliseLine } from "../../format/neutral.ts";
import { humanSize } from "../../format/size.ts";
import { renderTable } from "../../format/table.ts";
import { type Column, type CommandSpec, command } from "../command.ts";
import { numberOf } from "../flag-values.ts";

type Layer = ImageLayers["Layers"][number];

const spec: CommandSpec<ImageLayers> = command({
  summary: "Show what each layer of an image weighs, its largest files, and what later layers hide",
  examples: [
    { line: "berth image layers app", does: "Show the layers, the largest files, and the bytes that are there for nothing" },
    { line: "berth image layers --layer 3 --files 100 app", does: "Show the hundred largest files of the third layer" },
    { line: "berth image layers --json app", does: "Print all of it as JSON" },
  ],
  flags: [
    { name: "files", type: "number", default: 10, placeholder: "N", help: "How many files of each kind to name" },
    { name: "layer", type: "number", placeholder: "N", help: "Only files of this layer; 1 is the lowest" },
  ],
  args: [{ name: "IMAGE", subject: "image" }],
  async *run({ engine }, input) {
    return engine.images.layers(input.args[0] ?? "");
  },
  present: (image, input) => ({ kind: "text", text: report(image, numberOf(input, "files") ?? 10, numberOf(input, "layer")) }),
});

const layerColumns: Column<Layer>[] = [
  { header: "LAYER", field: "Layer", value: (row) => String(row.Layer), align: "right" },
  { header: "SIZE", field: "Size", value: (row) => humanSize(row.Size), align: "right" },
  { header: "WASTED", field: "Wasted", value: (row) => (row.Wasted > 0 ? humanSize(row.Wasted) : ""), align: "right" },
  { header: "CREATED BY", field: "CreatedBy", value: (row) => neutraliseLine(row.CreatedBy.replace(/\s+/g, " ")) },
];

const fileColumns: Column<LayerFile>[] = [
  { header: "SIZE", field: "Size", value: (row) => humanSize(row.Size), align: "right" },
  { header: "LAYER", field: "Layer", value: (row) => String(row.Layer), align: "right" },
  { header: "PATH", field: "Path", value: (row) => row.Path },
];

const repeatedColumns: Column<ImageLayers["Repeated"]["Files"][number]>[] = [
  { header: "TOTAL SIZE", field: "Size", value: (row) => humanSize(row.Size), align: "right" },
  { header: "LAYERS", field: "Layers", value: (row) => String(row.Layers), align: "right" },
  { header: "PATH", field: "Path", value: (row) => row.Path },
];

const hiddenBy: Column<LayerFile> = { header: "HIDDEN BY", field: "HiddenBy", value: (row) => String(row.HiddenBy), align: "right" };

function report({ Efficiency, Files, Layers, Repeated, Wasted }: ImageLayers, most: number, layer: number | undefined): string {
  const files = Files.filter((file) => file.Size > 0 && (layer === undefined || file.Layer === layer));
  const seen = files.filter((file) => file.HiddenBy === undefined).slice(0, most);
  const hidden = files.filter((file) => file.HiddenBy !== undefined).slice(0, most);
  const repeated = layer === undefined ? Repeated.Files.filter(({ Size }) => Size > 0).slice(0, most) : [];
  const total = Layers.reduce((sum, { Size }) => sum + Size, 0);
  const count = `${Layers.length} layer${Layers.length === 1 ? "" : "s"}`;
  const waste = Wasted > 0 ? `${humanSize(Wasted)} of it wasted (efficiency ${(Efficiency * 100).toFixed(1)}%)` : "nothing wasted";
  return [
    renderTable(layerColumns, Layers),
    `${count}, ${humanSize(total)}, ${waste}\n`,
    `as dive counts: efficiency ${(Repeated.Score * 100).toFixed(1)}%, ${humanSize(Repeated.Wasted)} potentially wasted\n`,
    ...(seen.length > 0 ? [`\nLargest files${layer === undefined ? "" : ` of layer ${layer}`}\n`, renderTable(fileColumns, seen)] : []),
    ...(hidden.length > 0
      ? [
          "\nWasted: a later layer replaces or removes them\n",
          renderTable([fileColumns[0]!, fileColumns[1]!, hiddenBy, fileColumns[2]!], hidden),
        ]
      : []),
    ...(repeated.length > 0 ? ["\nIn several layers: what dive calls inefficient\n", renderTable(repeatedColumns, repeated)] : []),
  ].join("");
}

export default spec;
