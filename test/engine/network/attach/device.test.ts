/** What driver options say of an interface. */
import { expect, test } from "vitest";
import { deviceOf, interfaceSettings } from "../../../../engine/network/attach/device.ts";

const asked = (name: string, value: string) => ({ DriverOpts: { other: "ignored", [`com.docker.network.endpoint.${name}`]: value } });

test("an interface has the name that was asked for, or the first that is free", () => {
  expect(deviceOf({}, [])).toBe("eth0");
  expect(deviceOf({ DriverOpts: { other: "x" } }, ["eth0", "lan", "eth2"])).toBe("eth1");
  expect(deviceOf(asked("ifname", "lan"), ["eth0"])).toBe("lan");
  expect(() => deviceOf(asked("ifname", "lan"), ["lan"])).toThrow('interface name "lan" is already in use in the container');
  for (const name of ["lo", "a/b", "..", "sixteen-letters-", "a b"])
    expect(() => deviceOf(asked("ifname", name), []), name).toThrow(`invalid interface name "${name}"`);
});

test("settings are those of the interface, and no others", () => {
  expect(interfaceSettings({}, "eth0")).toEqual({});
  const lines = "net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.neigh.IFNAME.mcast_solicit=4";
  expect(interfaceSettings(asked("sysctls", lines), "lan")).toEqual({
    "ipv4/conf/lan/log_martians": "1",
    "ipv6/neigh/lan/mcast_solicit": "4",
  });
  // docker's command line makes all letters small.
  expect(interfaceSettings(asked("sysctls", "net.ipv4.conf.ifname.log_martians=1"), "lan")).toEqual({ "ipv4/conf/lan/log_martians": "1" });
  for (const line of ["net.ipv4.conf.eth0.log_martians=1", "net.ipv4.ip_forward=1", "net.ipv4.conf.IFNAME.../x=1", "kernel.hostname=x", ""])
    expect(() => interfaceSettings(asked("sysctls", line), "eth0"), line).toThrow(`invalid sysctl "${line}" for the interface`);
});
