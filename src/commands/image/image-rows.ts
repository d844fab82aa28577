/** The rows and columns of `images`: docker shows an image once for each of its names. Pure. */
import type { ImageSummary } from "../../../engine/index.ts";
import { ago, timestamp } from "../../format/duration.ts";
import { humanSize, totalSize } from "../../format/size.ts";
import type { Column } from "../command.ts";

export interface ImageLine {
  image: ImageSummary;
  repository: string;
  tag: string;
  digest: string;
}

const none = "<none>";

/** A line per tag; with `digests` per tag and digest of its repository; an image without a name has one line. */
export function imageLines(images: readonly ImageSummary[], digests = false): ImageLine[] {
  return images.flatMap((image) => {
    const names = new Map<string, { tags: string[]; digests: string[] }>();
    const of = (repository: string) => names.get(repository) ?? names.set(repository, { tags: [], digests: [] }).get(repository)!;
    for (const name of image.RepoTags) of(name.slice(0, name.lastIndexOf(":"))).tags.push(name.slice(name.lastIndexOf(":") + 1));
    for (const name of image.RepoDigests) of(name.slice(0, name.indexOf("@"))).digests.push(name.slice(name.indexOf("@") + 1));
    const lines = [...names].flatMap(([repository, found]) => linesOf(image, repository, found, digests));
    return lines.length > 0 ? lines : [{ image, repository: none, tag: none, digest: none }];
  });
}

function linesOf(image: ImageSummary, repository: string, found: { tags: string[]; digests: string[] }, digests: boolean): ImageLine[] {
  const shown = digests && found.digests.length > 0 ? found.digests : [none];
  const tags = found.tags.length > 0 ? found.tags : [none];
  return tags.flatMap((tag) => shown.map((digest) => ({ image, repository, tag, digest })));
}

/** "sha256:…" or its first 12 digits. */
export function shortId(id: string, noTrunc = false): string {
  return noTrunc ? id : id.replace(/^sha256:/, "").slice(0, 12);
}

/** Docker's columns and formatter fields. */
export function imageColumns(options: { noTrunc?: boolean; digests?: boolean }): Column<ImageLine>[] {
  return [
    { header: "REPOSITORY", field: "Repository", value: (line) => line.repository },
    { header: "TAG", field: "Tag", value: (line) => line.tag },
    { header: "DIGEST", field: "Digest", hidden: !options.digests, value: (line) => line.digest },
    { header: "IMAGE ID", field: "ID", value: ({ image }) => shortId(image.Id, options.noTrunc) },
    { header: "CREATED", field: "CreatedSince", value: ({ image }) => (image.Created > 0 ? ago(image.Created) : "N/A") },
    { header: "SIZE", field: "Size", value: ({ image }) => humanSize(image.Size) },
    { header: "CREATED AT", field: "CreatedAt", hidden: true, value: ({ image }) => timestamp(image.Created) },
    { header: "CONTAINERS", field: "Containers", hidden: true, value: ({ image }) => String(image.Containers) },
    { header: "SHARED SIZE", field: "SharedSize", hidden: true, value: ({ image }) => totalSize(image.SharedSize) },
    { header: "UNIQUE SIZE", field: "UniqueSize", hidden: true, value: ({ image }) => totalSize(image.Size - image.SharedSize) },
    { header: "SIZE", field: "VirtualSize", hidden: true, value: ({ image }) => humanSize(image.Size) },
  ];
}
