/** `images --tree`: the images with the platforms that their names stand for, as docker 28 draws them. Pure. */
import type { ImageSummary, ManifestSummary } from "../../../engine/index.ts";
import { cellWidth } from "../../format/cells.ts";
import { humanSize } from "../../format/size.ts";
import { shortId } from "./image-rows.ts";

interface TreeLine {
  name: string;
  /** Empty where another name of the same image follows. */
  cells: string[];
}

const titles = ["ID", "DISK USAGE", "CONTENT SIZE", "EXTRA"];
const gap = " ".repeat(3);

/** Docker's columns; an image that is used has a U. */
export function imageTree(images: readonly ImageSummary[]): string[] {
  const groups = images.map(linesOf);
  const width = Math.max("IMAGE".length, ...groups.flat().map(({ name }) => cellWidth(name)));
  const draw = ({ name, cells }: TreeLine) =>
    `${name}${" ".repeat(width - cellWidth(name))}${cells.map((cell, at) => gap + aligned(cell, at)).join("")}`.trimEnd();
  return [draw({ name: "IMAGE", cells: titles }), ...groups.flatMap((group, at) => [...(at > 0 ? [""] : []), ...group.map(draw)])];
}

function aligned(cell: string, at: number): string {
  const width = at === 0 ? 12 : titles[at]!.length;
  return titles[at] === "DISK USAGE" || titles[at] === "CONTENT SIZE" ? cell.padStart(width) : cell.padEnd(width);
}

function linesOf(image: ImageSummary): TreeLine[] {
  const platforms = (image.Manifests ?? []).filter(({ Kind }) => Kind === "image");
  const content = platforms.reduce((sum, { Size }) => sum + Size.Content, 0);
  const isUsed = image.Containers > 0 || platforms.some(({ ImageData }) => ImageData!.Containers.length > 0);
  const names = image.RepoTags.length > 0 ? image.RepoTags : ["<untagged>"];
  const unpacked = platforms.reduce((sum, { ImageData }) => sum + ImageData!.Size.Unpacked, 0) || image.Size;
  const own = cellsOf(image.Id, content + unpacked, content, isUsed);
  return [
    ...names.map((name, at) => ({ name, cells: at === names.length - 1 ? own : [] })),
    ...platforms.map((platform, at) => platformLine(platform, at === platforms.length - 1)),
  ];
}

function platformLine({ ID, Size, ImageData }: ManifestSummary, isLast: boolean): TreeLine {
  const { os, architecture, variant } = ImageData!.Platform;
  const platform = [os, architecture, variant].filter(Boolean).join("/");
  return { name: `${isLast ? "└─" : "├─"} ${platform}`, cells: cellsOf(ID, Size.Total, Size.Content, ImageData!.Containers.length > 0) };
}

function cellsOf(id: string, total: number, content: number, isUsed: boolean): string[] {
  return [shortId(id), humanSize(total), humanSize(content), isUsed ? "U" : ""];
}
