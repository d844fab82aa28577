/** "Create a container" as each version of the API has it: dockerd 28.5 answered the same requests so. */
import { describe, expect, test } from "vitest";
import { toContainerCreate } from "../../../engine/serve/container-create.ts";
import { create } from "../../../engine/serve/container-shapes.ts";
import { createWarnings } from "../../../engine/serve/create-rules.ts";

const Image = "busybox";
const read = (body: object) => create.read({ Image, ...body }, "")!;
const made = (body: object, version: number, platform?: string) => toContainerCreate(read(body), { name: undefined, platform, version });
const mounted = (mount: object) => ({ HostConfig: { Mounts: [{ Target: "/x", ...mount }] } });
const on = (...networks: string[]) => ({ NetworkingConfig: { EndpointsConfig: Object.fromEntries(networks.map((name) => [name, {}])) } });
const mac = "02:00:00:00:00:01";
const recursive = mounted({ Type: "bind", Source: "/tmp", BindOptions: { ReadOnlyForceRecursive: true } });

/** From the version on it is let in, or refused. */
const refusals: [body: object, upTo: number | undefined, from: number | undefined, message: string][] = [
  [
    mounted({ Type: "bind", Source: "/tmp", VolumeOptions: {} }),
    undefined,
    142,
    'VolumeOptions must not be specified on mount type "bind"',
  ],
  [mounted({ Type: "volume", BindOptions: {} }), undefined, 142, 'BindOptions must not be specified on mount type "volume"'],
  [mounted({ Type: "volume", TmpfsOptions: {} }), undefined, 142, 'TmpfsOptions must not be specified on mount type "volume"'],
  [recursive, 143, undefined, "BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer"],
  [
    mounted({ Type: "volume", Source: "v", VolumeOptions: { Subpath: "a" } }),
    144,
    undefined,
    "VolumeOptions.Subpath needs API v1.45 or newer",
  ],
  [mounted({ Type: "image", Source: Image }), 147, undefined, 'Mount type "Image" needs API v1.48 or newer'],
  [on("a", "b"), 143, undefined, "Container cannot be created with multiple network endpoints: a, b"],
  [{ MacAddress: mac, HostConfig: { NetworkMode: "host" } }, 143, undefined, "conflicting options: mac-address and the network mode"],
];

test.each(refusals)("%j is refused up to %s or from %s: %s", (body, upTo, from, message) => {
  const last = upTo ?? from! - 1;
  const [old, young] = [() => made(body, last), () => made(body, last + 1)];
  expect(upTo === undefined ? young : old).toThrow(message);
  expect(upTo === undefined ? old : young).not.toThrow();
});

describe("members that came later are passed over", () => {
  const host = (member: object, version: number) => made({ HostConfig: member }, version).HostConfig!;
  test("annotations, sizes of terminals, directories to be made, automatic removal, a health check's first interval", () => {
    const each = { Annotations: { a: "b" }, ConsoleSize: [30, 100], AutoRemove: true };
    expect(host(each, 143)).toMatchObject(each);
    expect(host(each, 142)).not.toHaveProperty("Annotations");
    expect(host(each, 141)).not.toHaveProperty("ConsoleSize");
    expect(host(each, 124)).not.toHaveProperty("AutoRemove");
    const bind = mounted({ Type: "bind", Source: "/new", BindOptions: { CreateMountpoint: true } });
    const makes = [141, 142].map((version) => made(bind, version).HostConfig?.Mounts?.[0]?.BindOptions?.CreateMountpoint);
    expect(makes).toEqual([false, true]);
    const check = { Healthcheck: { Test: ["CMD", "true"], StartInterval: 1000 } };
    expect([143, 144].map((version) => made(check, version).Healthcheck?.StartInterval)).toEqual([0, 1000]);
  });

  test("the platform, priorities, and an endpoint's own MAC address", () => {
    expect([140, 141].map((version) => made({}, version, "linux/arm64").Platform)).toEqual([undefined, "linux/arm64"]);
    const endpoint = { NetworkingConfig: { EndpointsConfig: { a: { MacAddress: mac, GwPriority: 5 } } } };
    const at = (version: number) => made(endpoint, version).NetworkingConfig?.EndpointsConfig?.["a"];
    expect([at(143), at(147), at(148)]).toEqual([{}, { MacAddress: mac }, { MacAddress: mac, GwPriority: 5 }]);
  });

  test("whose memory is shared when nobody says", () => {
    expect([139, 140].map((version) => host({}, version).IpcMode)).toEqual(["shareable", undefined]);
  });
});

test("the MAC address beside the networks is the main one's, and no other", () => {
  const body = { MacAddress: mac, HostConfig: { NetworkMode: "a" }, ...on("a") };
  expect(made(body, 144).NetworkingConfig?.EndpointsConfig).toEqual({ a: { MacAddress: mac } });
  const other = { ...body, NetworkingConfig: { EndpointsConfig: { a: { MacAddress: "02:00:00:00:00:02" } } } };
  expect(() => made(other, 144)).toThrow("the container-wide MAC address must match the endpoint-specific MAC address");
});

test("what has another place now is said", () => {
  const body = read({ MacAddress: mac, HostConfig: { VolumeDriver: "local", Mounts: [{ Type: "volume", Target: "/x" }] } });
  expect([143, 144, 148].map((version) => createWarnings(body, version).length)).toEqual([0, 1, 2]);
});

test.each([
  [{ Isolation: "process" }, "invalid isolation (process): linux only supports 'default'"],
  [{ IOMaximumIOps: 1 }, "invalid option: QoS maximum IOPs configuration is not supported on linux"],
  [{ IOMaximumBandwidth: 1 }, "invalid option: QoS maximum bandwidth configuration is not supported on linux"],
  [{ RestartPolicy: { MaximumRetryCount: 2 } }, "maximum retry count can only be used with 'on-failure'"],
  [{ PortBindings: { "80-81/tcp": [] } }, 'invalid port specification: "80-81"'],
  [{ PortBindings: { "70000": [] } }, 'invalid port specification: "70000"'],
  [{ BlkioWeight: -1 }, "HostConfig.BlkioWeight: it is a number, where unsigned integer is wanted"],
])("%j is refused", (HostConfig, message) => {
  expect(() => made({ HostConfig }, 151)).toThrow(message);
});

test("an interface's own settings go along, and what only Windows has is passed over", () => {
  const DriverOpts = { "com.docker.network.endpoint.ifname": "lan0" };
  const endpoint = { NetworkingConfig: { EndpointsConfig: { a: { DriverOpts } } } };
  expect(made(endpoint, 151).NetworkingConfig?.EndpointsConfig).toEqual({ a: { DriverOpts } });
  const HostConfig = { Cgroup: "x", CpuCount: 1, CpuPercent: 1 };
  expect(made({ HostConfig }, 151).HostConfig).toEqual({});
});
