import { expect, test } from "vitest";
import { checkEndpoints, checkValues } from "../../../../engine/container/plan/value-rules.ts";
import type { HostConfig } from "../../../../engine/docker.ts";

/** As dockerd 28.5 says it. */
test.each<[HostConfig, string]>([
  [{ ShmSize: -1 }, "SHM size can not be less than 0"],
  [{ OomScoreAdj: 2000 }, "Invalid value 2000, range for oom score adj is [-1000, 1000]"],
  [{ MemorySwappiness: 101 }, "Invalid value: 101, valid memory swappiness range is 0-100"],
  [{ IpcMode: "x" }, "invalid IPC mode: x"],
  [{ PidMode: "x" }, "invalid PID mode: x"],
  [{ UTSMode: "x" }, "invalid UTS mode: x"],
  [{ CgroupnsMode: "x" as "host" }, "invalid cgroup namespace mode: x"],
  [{ CapAdd: ["x"] }, 'invalid CapAdd: unknown capability: "CAP_X"'],
  [{ CapDrop: ["cap_y"] }, 'invalid CapDrop: unknown capability: "CAP_Y"'],
  [{ SecurityOpt: ["x"] }, 'invalid --security-opt 1: "x"'],
  [{ SecurityOpt: ["secomp=unconfined"] }, 'invalid --security-opt 2: "secomp=unconfined"'],
  [{ ExtraHosts: ["a"] }, 'bad format for add-host: "a"'],
  [{ ExtraHosts: ["a:x"] }, 'invalid IP address in add-host: "x"'],
  [{ Annotations: { "": "b" } }, "invalid Annotations: the empty string is not permitted as an annotation key"],
  [{ Tmpfs: { rel: "" } }, "invalid mount path: 'rel' mount path must be absolute"],
  [{ PortBindings: { "x/tcp": [] } }, 'invalid port specification: "x"'],
])("%j is refused", (host, message) => {
  expect(() => checkValues({}, host)).toThrow(message);
});

test("what means something, and what clients send for nothing, passes", () => {
  const modes: HostConfig = { IpcMode: "", PidMode: "container:a", UTSMode: "host", CgroupnsMode: "private" };
  const SecurityOpt = ["no-new-privileges", "no-new-privileges:true", "seccomp=unconfined", "label=disable", "apparmor:x"];
  const ExtraHosts = ["a:1.2.3.4", "b:::1", "c=[::1]", "d:host-gateway"];
  const PortBindings = { "80/tcp": [], "1000-1001/udp": [], "81": [] };
  checkValues({ Env: ["A=1", "B"] }, { ...modes, SecurityOpt, ExtraHosts, PortBindings, CapAdd: ["all"], MemorySwappiness: -1 });
});

test("variables have names, and MAC addresses six parts", () => {
  expect(() => checkValues({ Env: ["=x"] }, {})).toThrow("invalid environment variable: =x");
  checkEndpoints({ bridge: { MacAddress: "02:00:00:00:00:09" }, net: {} });
  expect(() => checkEndpoints({ bridge: { MacAddress: "x" } })).toThrow("invalid config for network bridge: invalid MAC address x");
});
