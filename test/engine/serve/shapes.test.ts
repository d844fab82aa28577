import { describe, expect, test } from "vitest";
import type { ContainerInspect } from "../../../engine/container/index.ts";
import { toContainerCreate, toUpdate } from "../../../engine/serve/container-create.ts";
import { create } from "../../../engine/serve/container-shapes.ts";
import { goMode } from "../../../engine/serve/go-mode.ts";
import { toContainerInspect } from "../../../engine/serve/rows.ts";
import { splitVersion } from "../../../engine/serve/versions.ts";

const spec = (body: object, version = 144) => toContainerCreate(create.read(body, ""), { name: undefined, platform: undefined, version });

describe("a body of docker's command line", () => {
  test("what means nothing leaves no trace", () => {
    const HostConfig = {
      ...{
        Binds: null,
        ContainerIDFile: "",
        LogConfig: { Type: "", Config: {} },
        NetworkMode: "default",
        PortBindings: {},
        AutoRemove: false,
        ReadonlyRootfs: false,
      },
      ...{ RestartPolicy: { Name: "no", MaximumRetryCount: 0 }, VolumeDriver: "", ConsoleSize: [30, 100], Memory: 0, MemorySwappiness: -1 },
      ...{ OomKillDisable: false, PidsLimit: 0, DeviceRequests: null, Isolation: "", CpuCount: 0, MaskedPaths: null, ReadonlyPaths: null },
    };
    expect(spec({ Image: "busybox", HostConfig, NetworkingConfig: { EndpointsConfig: {} } }, 141).HostConfig).toEqual({
      AutoRemove: false,
      ContainerIDFile: "",
      Memory: 0,
      LogConfig: { Type: "", Config: {} },
      PortBindings: {},
      RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
    });
  });

  test("the size of the terminal counts from 1.42 on", () => {
    const body = { Image: "busybox", HostConfig: { ConsoleSize: [30, 100] } };
    expect([spec(body, 141), spec(body, 142)].map(({ HostConfig }) => HostConfig?.ConsoleSize)).toEqual([undefined, [30, 100]]);
  });

  test("the default network has a name, and the oldest place of a MAC address is heeded", () => {
    const body = {
      Image: "busybox",
      MacAddress: "02:00:00:00:00:01",
      NetworkingConfig: { EndpointsConfig: { default: { Aliases: ["a"] } } },
    };
    expect(spec(body).NetworkingConfig).toEqual({ EndpointsConfig: { bridge: { Aliases: ["a"], MacAddress: "02:00:00:00:00:01" } } });
    expect(spec({ Image: "busybox", NetworkDisabled: true }).HostConfig?.NetworkMode).toBe("none");
  });

  test("ports without a protocol are tcp, and without a binding any", () => {
    const PortBindings = { "80": null, "53/udp": [{ HostPort: "53" }], "81/tcp": [] };
    expect(spec({ Image: "busybox", HostConfig: { PortBindings } }).HostConfig?.PortBindings).toEqual({
      "53/udp": [{ HostIp: "", HostPort: "53" }],
      "81/tcp": [{ HostIp: "", HostPort: "" }],
    });
  });

  test.each([
    [{ Name: "sometimes" }, "unknown policy 'sometimes'"],
    [{ Name: "always", MaximumRetryCount: 3 }, "maximum retry count can only be used with 'on-failure'"],
    [{ Name: "on-failure", MaximumRetryCount: -1 }, "cannot be negative"],
  ])("a restart policy %j is refused", (RestartPolicy, message) => {
    expect(() => spec({ Image: "busybox", HostConfig: { RestartPolicy } })).toThrow(message);
  });

  test("an update changes what is given", () => {
    expect(toUpdate({ BlkioDeviceReadBps: null, BlkioWeightDevice: [] })).toEqual({});
    expect(() => toUpdate({ BlkioDeviceReadBps: [{ Path: "/dev/sda", Rate: 1 }] })).toThrow("an update of BlkioDeviceReadBps");
    expect(toUpdate({ Memory: 0, CpusetCpus: "", CpuShares: 5, PidsLimit: 0, RestartPolicy: { Name: "always" } })).toEqual({
      CpuShares: 5,
      PidsLimit: -1,
      RestartPolicy: { Name: "always", MaximumRetryCount: 0 },
    });
  });
});

test.each([
  [0o100644, 0o644],
  [0o041777, 2 ** 31 + 2 ** 20 + 0o777],
  [0o120777, 2 ** 27 + 0o777],
  [0o104755, 2 ** 23 + 0o755],
  [0o020620, 2 ** 26 + 2 ** 21 + 0o620],
])("mode %o is Go's %d", (mode, expected) => {
  expect(goMode(mode)).toBe(expected);
});

test.each([
  ["/info", 151, "/info"],
  ["/v1.44/info", 144, "/info"],
  ["/v1.44", 144, ""],
  ["/vx/info", 151, "/vx/info"],
])("the version of %s", (url, version, path) => {
  expect(splitVersion(url)).toEqual({ version, path });
});

test("a limit of processes that was lifted is 0", () => {
  const container = { Config: {}, HostConfig: { PidsLimit: -1 }, Mounts: [], NetworkSettings: { Networks: {} } };
  expect(toContainerInspect(container as unknown as ContainerInspect, 147)).toMatchObject({ HostConfig: { PidsLimit: 0 } });
});
