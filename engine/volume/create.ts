/** Makes volumes: the row first, then the directory, so that a crash leaves nothing unknown. */
import { mkdirSync } from "node:fs";
import { EngineError } from "../errors.ts";
import { emit } from "../state/events.ts";
import type { Ground } from "../state/ground.ts";
import { newVolumeName } from "./ensure.ts";
import type { VolumeCreate, VolumeInspect } from "./index.ts";
import { checkVolumeName, planMount } from "./options.ts";
import { dataOf, insertVolume, inspectOf, keepVolume, type VolumeRecord, volumeByName } from "./records.ts";

/**
 * Makes a volume; one that exists under the name is given back as it is, as docker does.
 * @throws EngineError `invalid`, `unsupported`
 */
export async function createVolume(
  ground: Ground,
  asked: VolumeCreate,
  { anonymous = !asked.Name }: { anonymous?: boolean | undefined } = {},
): Promise<VolumeInspect> {
  const name = asked.Name || newVolumeName();
  if (asked.Driver && asked.Driver !== "local")
    throw new EngineError(
      "not-found",
      `create ${name}: error looking up volume plugin ${asked.Driver}: plugin "${asked.Driver}" not found`,
      {
        hint: "the driver of volumes is local",
      },
    );
  const known = volumeByName(ground, name);
  if (known) return inspectOf(ground, known);
  checkVolumeName(name);
  const options = asked.DriverOpts ?? {};
  planMount(options, name);
  const volume: VolumeRecord = { name, anonymous, labels: asked.Labels ?? {}, options, created: Date.now() };
  if (volume.anonymous) volume.labels = { "com.docker.volume.anonymous": "", ...volume.labels };
  const made = insertVolume(ground, volume);
  mkdirSync(dataOf(ground, name), { recursive: true, mode: 0o755 });
  if (made) keepVolume(ground, volume);
  if (made) emit(ground, "volume", "create", name, { driver: "local" });
  return inspectOf(ground, volumeByName(ground, name) ?? volume);
}
