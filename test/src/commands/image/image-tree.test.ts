/** `images --tree`: docker 28's columns, a line for each name and each platform. */
import { expect, test } from "vitest";
import type { ImageSummary, ManifestSummary } from "../../../../engine/index.ts";
import { imageTree } from "../../../../src/commands/image/image-tree.ts";

const id = (digit: string) => `sha256:${digit.repeat(64)}`;
const image = (more: Partial<ImageSummary>): ImageSummary => ({
  ...{ Id: id("a"), ParentId: "", RepoTags: [], RepoDigests: [], Created: 0, Size: 1_500_000, SharedSize: 0 },
  ...{ Labels: {}, Containers: 0, Dangling: false },
  ...more,
});
const platform = (digit: string, variant: string, content: number, unpacked: number, containers: string[] = []): ManifestSummary => ({
  ...{ ID: id(digit), Descriptor: { mediaType: "", digest: id(digit), size: 1 }, Available: content > 0 },
  ...{ Size: { Content: content, Total: content + unpacked }, Kind: "image" },
  ImageData: { Platform: { os: "linux", architecture: "arm", variant }, Containers: containers, Size: { Unpacked: unpacked } },
});

test("names, platforms, what they take, and what is used", () => {
  const attestation: ManifestSummary = { ...platform("d", "", 100, 0), Kind: "attestation", AttestationData: { For: id("b") } };
  const many = image({
    RepoTags: ["app:1", "localhost:5000/app:1"],
    Manifests: [platform("b", "v7", 1_000_000, 4_000_000, ["x"]), platform("c", "v6", 0, 0), attestation],
  });
  expect(imageTree([many, image({ Id: id("e"), Manifests: [] })])).toEqual([
    "IMAGE                  ID             DISK USAGE   CONTENT SIZE   EXTRA",
    "app:1",
    "localhost:5000/app:1   aaaaaaaaaaaa          5MB            1MB   U",
    "├─ linux/arm/v7        bbbbbbbbbbbb          5MB            1MB   U",
    "└─ linux/arm/v6        cccccccccccc           0B             0B",
    "",
    "<untagged>             eeeeeeeeeeee        1.5MB             0B",
  ]);
});
