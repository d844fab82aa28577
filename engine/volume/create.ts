/** Makes volumes: the row first, then the directory, so that a crash leaves nothing unknown. */
import { mkdirSync } from "node:fs";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { emit } from "../state/events.ts";
import { newVolumeName } from "./ensure.ts";
import type { VolumeCreate, VolumeInspect } from "./index.ts";
import { checkVolumeName, planMount } from "./options.ts";
import { dataOf, insertVolume, inspectOf, keepVolume, type VolumeRecord, volumeByName } from "./records.ts";

/**
 * Makes a volume; one that exists under the name is given back as it is, as docker does.
 * @throws EngineError `invalid`, `unsupported`
 */
export async function createVolume(
  house: House,
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
  const known = volumeByName(house, name);
  if (known) return inspectOf(house, known);
  checkVolumeName(name);
  const options = asked.DriverOpts ?? {};
  planMount(options, name);
  const volume: VolumeRecord = { name, anonymous, labels: asked.Labels ?? {}, options, created: Date.now() };
  if (volume.anonymous) volume.labels = { "com.docker.volume.anonymous": "", ...volume.labels };
  const made = insertVolume(house, volume);
  mkdirSync(dataOf(house, name), { recursive: true, mode: 0o755 });
  if (made) keepVolume(house, volume);
  if (made) emit(house, "volume", "create", name, { driver: "local" });
  return inspectOf(house, volumeByName(house, name) ?? volume);
}
