/** `commit`: a container's own layer and its configuration become an image. */

import { existsSync } from "node:fs";
import { Readable } from "node:stream";
import { EngineError } from "../../errors.ts";
import { applyChanges } from "../../image/documents/index.ts";
import { LayerThread } from "../../image/layer/index.ts";
import { storeLayer } from "../../image/layers/index.ts";
import { commitImage, resolveImage } from "../../image/store/index.ts";
import type { ImageConfig } from "../../image/types.ts";
import type { Ground } from "../../state/ground.ts";
import { pauseContainer, unpauseContainer } from "../life/index.ts";
import { type ContainerRecord, emitContainer, filesOf, findContainer, refuseDamaged } from "../record/index.ts";
import { emptyMountPoints } from "./changes.ts";

export interface CommitOptions {
  reference?: string;
  author?: string;
  message?: string;
  changes?: string[];
  /** Default true: a running container is paused while it is read. */
  pause?: boolean;
}

/** @throws EngineError `not-found`, `invalid` (changes, reference), `corrupt` */
export async function commitContainer(ground: Ground, ref: string, options: CommitOptions): Promise<{ Id: string }> {
  const record = findContainer(ground, ref);
  refuseDamaged(record);
  const image = resolveImage(ground, record.image);
  if (!image) throw new EngineError("corrupt", `cannot commit "${record.name}": its image ${record.image} is not in the store`);
  const config = applyChanges(imageConfigOf(record), options.changes ?? []);
  const layer = await whilePaused(ground, record, options.pause !== false, () =>
    packUpper(ground, record.id, image.chainId, image.lowerdirs),
  );
  const { Id } = await commitImage(ground, committed(image.config, config, layer.diffId, record, options), {
    references: options.reference ? [options.reference] : [],
    parent: image.id,
  });
  emitContainer(ground, record, "commit", { comment: options.message ?? "", imageID: Id, imageRef: options.reference ?? "" });
  return { Id };
}

/** Two blocks of zeros: a container that never started has no upper directory, and its layer nothing in it. */
const emptyArchive = Buffer.alloc(1024);

/** The upper directory stays the container's: it goes into the store as a copy, by way of its tar. */
async function packUpper(ground: Ground, id: string, parent: string, lowers: string[]) {
  const { upper } = filesOf(ground, id);
  if (!existsSync(upper)) return await storeLayer(ground, parent, Readable.from([emptyArchive], { objectMode: false }));
  await using thread = new LayerThread({
    kind: "pack",
    root: upper,
    options: { overlay: true, path: "", name: "", skip: emptyMountPoints(upper, lowers), live: true },
  });
  return await storeLayer(ground, parent, Readable.from(thread.output(), { objectMode: false }));
}

async function whilePaused<T>(ground: Ground, record: ContainerRecord, pause: boolean, body: () => Promise<T>): Promise<T> {
  if (!pause || record.status !== "running") return body();
  await pauseContainer(ground, record.id);
  try {
    return await body();
  } finally {
    await unpauseContainer(ground, record.id);
  }
}

/** What of a container's configuration an image keeps (OCI image-spec, "Image Configuration"). */
function imageConfigOf({ config }: ContainerRecord): NonNullable<ImageConfig["config"]> {
  const { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels, StopSignal, Healthcheck, OnBuild, Shell } = config;
  return { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels, StopSignal, Healthcheck, OnBuild, Shell };
}

function committed(
  base: ImageConfig,
  config: ImageConfig["config"],
  diffId: string,
  record: ContainerRecord,
  options: CommitOptions,
): ImageConfig {
  const created = new Date().toISOString();
  const entry = { created, created_by: [record.path, ...record.args].join(" "), author: options.author, comment: options.message };
  return {
    ...base,
    created,
    ...(options.author && { author: options.author }),
    ...{ comment: options.message ?? "" }, // docker's own field; the base image's is not this image's
    config,
    rootfs: { type: "layers", diff_ids: [...base.rootfs.diff_ids, diffId] },
    history: [...(base.history ?? []), entry],
  };
}
