/** A bundle's config.json. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { House } from "../house.ts";
import { runtimeFor } from "../runtime/select.ts";
import type { OciSpec } from "./oci.ts";
import { filterOf } from "./seccomp-filter.ts";
import { encodeSpec } from "./spec.ts";

/** crun(1): the program to load in the place of what `linux.seccomp` says. */
const filterAnnotation = "run.oci.seccomp_bpf_data";

/** @param runtime HostConfig.Runtime */
export function writeConfig(house: House, bundle: string, spec: OciSpec, runtime?: string): void {
  const ready = runtimeFor(house, runtime).kind === "crun" ? withFilter(house, spec) : spec;
  writeFileSync(join(bundle, "config.json"), encodeSpec(ready), { mode: 0o600 });
}

/** The same configuration with its seccomp profile compiled, where that can be done ahead. */
function withFilter(house: House, spec: OciSpec): OciSpec {
  const { seccomp, ...linux } = spec.linux;
  if (!seccomp || spec.annotations?.[filterAnnotation] !== undefined) return spec;
  const filter = filterOf(house, seccomp);
  if (!filter) return spec;
  return { ...spec, annotations: { ...spec.annotations, [filterAnnotation]: filter }, linux };
}
