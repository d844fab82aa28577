/** `berth version`: this program and what it stands on. */
import { release } from "node:os";
import type { Ground } from "../state/ground.ts";
import type { VersionInfo } from "./index.ts";
import { architecture, programVersion, runtimeVersion } from "./operating-system.ts";

/** The Docker Engine API whose shapes the results follow. */
const apiVersion = "1.47";

export async function versionInfo(ground: Ground): Promise<VersionInfo> {
  const [runtime, conmon] = await Promise.all([runtimeVersion(ground), programVersion("conmon")]);
  const components = [
    { Name: runtime.name || "runtime", Version: runtime.version || "not found" },
    { Name: "conmon", Version: conmon || "not found" },
    process.versions.bun ? { Name: "bun", Version: process.versions.bun } : { Name: "node", Version: process.versions.node },
  ];
  return {
    Version: ground.options.version ?? "",
    ApiVersion: apiVersion,
    Os: "linux",
    Arch: architecture(),
    KernelVersion: release(),
    MinAPIVersion: "1.24",
    Components: components,
  };
}
