/** A bundle's config.json. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runtimeFor } from "../../runtime/select.ts";
import type { Ground } from "../../state/ground.ts";
import { readonlyPaths } from "./defaults.ts";
import { encodeSpec } from "./encode.ts";
import { checkPlaces } from "./mount-places.ts";
import type { OciSpec } from "./oci.ts";
import { filterOf } from "./seccomp-filter.ts";

/** crun(1): the program to load in the place of what `linux.seccomp` says. */
const filterAnnotation = "run.oci.seccomp_bpf_data";

/**
 * @param runtime HostConfig.Runtime
 * @throws EngineError `invalid` for mounts that lead onto the kernel's files
 */
export function writeConfig(ground: Ground, bundle: string, spec: OciSpec, runtime?: string): void {
  const chosen = runtimeFor(ground, runtime);
  const checked = checkPlaces(spec, chosen);
  const ready = chosen.kind === "crun" ? withFlags(withFilter(ground, checked)) : checked;
  writeFileSync(join(bundle, "config.json"), encodeSpec(ready), { mode: 0o600 });
}

/**
 * What is only to be read below /proc keeps the flags of /proc: crun's own way of making it so drops nosuid, nodev and
 * noexec. The host's are bound there, which are the same files in every instance of /proc.
 */
export function withFlags(spec: OciSpec): OciSpec {
  const paths = (spec.linux.readonlyPaths ?? []).filter((path) => readonlyPaths.includes(path) && existsSync(path));
  const at = spec.mounts.findIndex(({ destination, type }) => destination === "/proc" && type === "proc") + 1;
  if (at === 0 || paths.length === 0) return spec;
  const options = ["bind", "rprivate", "ro", "nosuid", "nodev", "noexec"];
  const bound = paths.map((path) => ({ destination: path, type: "bind", source: path, options }));
  return {
    ...spec,
    mounts: spec.mounts.toSpliced(at, 0, ...bound),
    linux: { ...spec.linux, readonlyPaths: spec.linux.readonlyPaths!.filter((path) => !paths.includes(path)) },
  };
}

/** The same configuration with its seccomp profile compiled, where that can be done ahead. */
function withFilter(ground: Ground, spec: OciSpec): OciSpec {
  const { seccomp, ...linux } = spec.linux;
  if (!seccomp || spec.annotations?.[filterAnnotation] !== undefined) return spec;
  const filter = filterOf(ground, seccomp);
  if (!filter) return spec;
  return { ...spec, annotations: { ...spec.annotations, [filterAnnotation]: filter }, linux };
}
