import { describe, expect, test } from "vitest";
import {
  type Cidr,
  chooseAddress,
  formatAddress,
  formatCidr,
  macOf,
  overlaps,
  parseAddress,
  parseCidr,
  parseMac,
} from "../../../engine/network/address/address.ts";
import { chooseSubnet } from "../../../engine/network/address/subnet.ts";
import { rulesOf } from "../../../engine/network/kernel/firewall.ts";
import { addPortScript, deletePortScript, isInterfaceName, tableScript } from "../../../engine/network/kernel/ruleset.ts";
import { namesFile } from "../../../engine/network/names/dns.ts";
import { hostsFile } from "../../../engine/network/names/hosts-file.ts";
import { replaceLines } from "../../../engine/network/names/links.ts";
import { containerResolvConf, isResolvedStub } from "../../../engine/network/names/resolv-conf.ts";
import { joinIpam } from "../../../engine/network/networks/create.ts";
import { faultOf } from "../../../engine/network/networks/ipam-faults.ts";
import { parsePort, planPorts } from "../../../engine/network/ports/ports.ts";

const cidr = (text: string) => parseCidr(text) as Cidr;
const address = (text: string) => parseAddress(text) as NonNullable<ReturnType<typeof parseAddress>>;

describe("addresses", () => {
  test.each([
    ["10.0.0.1", "10.0.0.1"],
    ["::", "::"],
    ["::1", "::1"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["fd00:0:0:0:0:0:0:1", "fd00::1"],
    ["::ffff:10.1.2.3", "::ffff:a01:203"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
    ["1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"],
  ])("%s is %s", (text, canonical) => {
    expect(formatAddress(address(text))).toBe(canonical);
  });

  test.each([
    "",
    "1.2.3",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4.5",
    ":::",
    "1::2::3",
    "12345::",
    "::g",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "fe80::1%eth0",
    "1.2.3.4\n",
  ])("%j is none", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test("networks", () => {
    expect(formatCidr(cidr("10.1.2.3/20"))).toBe("10.1.0.0/20");
    for (const bad of ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "x/8"]) expect(parseCidr(bad)).toBeUndefined();
    expect(overlaps(cidr("10.0.0.0/8"), cidr("10.200.0.0/16"))).toBe(true);
    expect(overlaps(cidr("10.0.0.0/24"), cidr("10.0.1.0/24"))).toBe(false);
  });

  test("the lowest free host address is chosen, never the network's or the broadcast address", () => {
    const subnet = cidr("10.0.0.0/30");
    expect(formatAddress(chooseAddress(subnet, subnet, new Set(["10.0.0.1"]))!)).toBe("10.0.0.2");
    expect(chooseAddress(subnet, subnet, new Set(["10.0.0.1", "10.0.0.2"]))).toBeUndefined();
  });

  test("a MAC is made from the address; multicast ones are refused", () => {
    expect(macOf(address("172.17.0.2"))).toBe("02:42:ac:11:00:02");
    expect(parseMac("02:42:ac:11:00:02")).toHaveLength(6);
    for (const bad of ["01:00:00:00:00:00", "00:00:00:00:00:00", "02:42", "zz:42:ac:11:00:02"]) expect(parseMac(bad)).toBeUndefined();
  });

  test("a subnet is chosen around what is taken, and from another block when one is full", () => {
    expect(formatCidr(chooseSubnet(4, []))).toBe("10.210.0.0/20");
    expect(formatCidr(chooseSubnet(4, [cidr("10.210.0.0/16")]))).toBe("10.211.0.0/20");
    expect(formatCidr(chooseSubnet(4, [cidr("10.0.0.0/8")], 300))).toMatch(/^172\./);
    expect(() => chooseSubnet(4, [cidr("0.0.0.0/0")])).toThrow("non-overlapping address pool");
  });
});

describe("rules", () => {
  const input = { table: "berth_ab", bridge: "berth0", subnets: [cidr("10.210.0.0/20")], internal: false, masquerade: true, icc: true };

  test("an ordinary network", () => {
    const script = tableScript(input);
    expect(script).toContain("add table inet berth_ab\ndelete table inet berth_ab\ntable inet berth_ab {");
    expect(script).toContain('ip saddr 10.210.0.0/20 oifname != "berth0" masquerade');
    expect(script).toContain('iifname "berth0" ip daddr 127.0.0.0/8 drop');
    expect(script).not.toContain("ip6");
  });

  test("an internal one translates nothing and drops what leaves or enters", () => {
    const script = tableScript({ ...input, internal: true });
    expect(script).not.toContain("nat hook");
    expect(script).toMatch(/iifname "berth0" oifname "berth0" accept\s+oifname "berth0" drop\s+iifname "berth0" drop/);
  });

  test("ports go to the map of their address", () => {
    const port = { protocol: "tcp" as const, host_ip: "0.0.0.0", host_port: 8080, container_port: 80 };
    expect(addPortScript("berth_ab", port, address("10.210.0.2"))).toBe(
      "add element inet berth_ab published4 { tcp . 8080 : 10.210.0.2 . 80 }\n",
    );
    expect(deletePortScript("berth_ab", { ...port, host_ip: "127.0.0.1" })).toBe(
      "delete element inet berth_ab bound4 { 127.0.0.1 . tcp . 8080 }\n",
    );
    expect(addPortScript("berth_ab", { ...port, host_ip: "::" }, address("fd00::2"))).toBe(
      "add element inet berth_ab published6 { tcp . 8080 : fd00::2 . 80 }\n",
    );
  });

  test("nothing but identifiers, numbers and addresses gets in", () => {
    expect(() => tableScript({ ...input, bridge: 'x" accept; #' })).toThrow("not fit for a rule");
    expect(() => tableScript({ ...input, table: "a b" })).toThrow("not fit for a rule");
    const port = { protocol: "tcp" as const, host_ip: "0.0.0.0 }", host_port: 1, container_port: 1 };
    expect(() => deletePortScript("berth_ab", port)).toThrow("not fit for a rule");
    for (const bad of ["", "a/b", "sixteen-letters1", "x y", "-x", "a\n"]) expect(isInterfaceName(bad)).toBe(false);
  });

  test("our rules are found in another program's chain", () => {
    const listing =
      '\t\tiifname "berth0" counter packets 3 bytes 9 accept # handle 12\n\t\tiifname "berth0x" counter packets 0 bytes 0 accept # handle 13\n\t\toifname "berth0" counter packets 0 bytes 0 accept # handle 14\n';
    expect(rulesOf(listing, "berth0")).toEqual([12, 14]);
  });
});

describe("ports", () => {
  const plan = (ports: Parameters<typeof planPorts>[0]["ports"], more = {}, families: (4 | 6)[] = [4], forwards = false) =>
    planPorts({ ports, publishAll: false, exposed: [], ...more }, { families: new Set(families), forwards });

  test("unspecified addresses stand for every family; -P publishes what is exposed and not named", () => {
    const both = [{ protocol: "tcp", containerPort: 80, hostIps: ["0.0.0.0", "::"], first: 8080, last: 8080 }];
    expect(plan({ "80": [{ HostIp: "", HostPort: "8080" }] }, {}, [4, 6])).toEqual(both);
    expect(plan({ "80": [{ HostIp: "", HostPort: "8080" }] }, {}, [4], true)).toEqual(both);
    const all = plan({ "80/tcp": [{ HostIp: "", HostPort: "1-3" }] }, { publishAll: true, exposed: ["80", "53/udp"] });
    expect(all).toEqual([
      { protocol: "tcp", containerPort: 80, hostIps: ["0.0.0.0"], first: 1, last: 3 },
      { protocol: "udp", containerPort: 53, hostIps: ["0.0.0.0"], first: 0, last: 0 },
    ]);
  });

  test("an IPv6 address of the host is forwarded where that works; SCTP never is", () => {
    const onLoopback = (key: string, forwards: boolean) => plan({ [key]: [{ HostIp: "[::1]", HostPort: "8080" }] }, {}, [4], forwards);
    expect(onLoopback("80/udp", true)).toMatchObject([{ hostIps: ["::1"] }]);
    expect(() => onLoopback("80", false)).toThrow('cannot publish tcp on "[::1]": the network has no IPv6 subnet');
    expect(() => onLoopback("80/sctp", true)).toThrow("no IPv6 subnet");
    expect(plan({ "80/sctp": [{ HostIp: "", HostPort: "80" }] }, {}, [4], true)).toMatchObject([{ hostIps: ["0.0.0.0"] }]);
  });

  test.each(["0", "65536", "x", "80/icmp", "80/", "-1"])("%j is no container port", (text) => {
    expect(() => parsePort(text)).toThrow("invalid container port");
  });

  test.each([
    { HostIp: "", HostPort: "9-8" },
    { HostIp: "", HostPort: "70000" },
    { HostIp: "", HostPort: "x" },
    { HostIp: "host", HostPort: "" },
    { HostIp: "::1", HostPort: "" },
  ])("%j is refused", (binding) => {
    expect(() => plan({ "80/tcp": [binding] })).toThrow();
  });
});

describe("resolv.conf", () => {
  const none = { dns: [], search: [], options: [] };

  test("loopback and unreachable resolvers are dropped, the rest is kept", () => {
    const host =
      "# made by hand\ndomain old\nnameserver 127.0.0.1\nnameserver 192.0.2.53 # office\nnameserver ::1\nnameserver 2001:db8::53\nsearch a.example b.example\noptions ndots:2\n";
    expect(containerResolvConf(host, none)).toBe("search a.example b.example\nnameserver 192.0.2.53\noptions ndots:2\n");
    expect(containerResolvConf(host, none, { ipv6: true })).toContain("nameserver 2001:db8::53\n");
    expect(containerResolvConf(host, none, { hostNamespace: true })).toContain("nameserver 127.0.0.1\n");
  });

  test("with none left, public ones; what is asked for wins; a user network has its own", () => {
    expect(containerResolvConf("nameserver 127.0.0.53\n", none)).toBe("nameserver 8.8.8.8\nnameserver 8.8.4.4\n");
    expect(containerResolvConf("search x\nnameserver 192.0.2.1\n", { dns: ["192.0.2.9"], search: ["."], options: ["rotate"] })).toBe(
      "nameserver 192.0.2.9\noptions rotate\n",
    );
    expect(containerResolvConf("nameserver 192.0.2.1\n", { ...none, dns: ["192.0.2.9"] }, { server: "127.0.0.11" })).toBe(
      "nameserver 127.0.0.11\noptions ndots:0\n",
    );
    expect(containerResolvConf("options ndots:3\n", none, { server: "127.0.0.11" })).toBe("nameserver 127.0.0.11\noptions ndots:3\n");
    expect(isResolvedStub("nameserver 127.0.0.53\noptions edns0\n")).toBe(true);
    expect(isResolvedStub("nameserver 127.0.0.53\nnameserver 192.0.2.1\n")).toBe(false);
  });
});

describe("hosts", () => {
  const input = { hostname: "web", domainname: "", addresses: ["10.0.0.2"], extra: [] as string[], hostGateway: "10.0.0.1" };

  test("docker's lines, extra hosts, the own names", () => {
    expect(
      hostsFile({ ...input, domainname: "example.org", extra: ["db:192.0.2.5", "host.docker.internal:host-gateway", "six=[2001:db8::1]"] }),
    ).toBe(
      "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n" +
        "192.0.2.5\tdb\n10.0.0.1\thost.docker.internal\n2001:db8::1\tsix\n10.0.0.2\tweb.example.org web\n",
    );
  });

  test.each(["db", ":1.2.3.4", "db:nowhere", "a b:1.2.3.4", "x\n6.6.6.6 evil:1.2.3.4"])("%j is refused", (extra) => {
    expect(() => hostsFile({ ...input, extra: [extra] })).toThrow();
  });

  test("a change of networks keeps what others wrote", () => {
    expect(
      replaceLines(
        "127.0.0.1\tlocalhost\n10.0.0.2\tweb\n1.1.1.1\tmine\n",
        "127.0.0.1\tlocalhost\n10.0.0.2\tweb\n",
        "127.0.0.1\tlocalhost\n10.0.1.2\tweb\n",
      ),
    ).toBe("127.0.0.1\tlocalhost\n1.1.1.1\tmine\n10.0.1.2\tweb\n");
  });
});

test("ranges, gateways and set-aside addresses join the subnet they lie in", () => {
  const joined = joinIpam([
    { Subnet: "10.1.0.0/16" },
    { Subnet: "10.2.0.0/16" },
    { IPRange: "10.2.3.0/24" },
    { Gateway: "10.1.0.9" },
    { AuxiliaryAddresses: { a: "10.2.3.4" } },
    { AuxiliaryAddresses: { b: "10.2.3.5" } },
  ]);
  expect(joined).toEqual([
    { Subnet: "10.1.0.0/16", Gateway: "10.1.0.9" },
    { Subnet: "10.2.0.0/16", IPRange: "10.2.3.0/24", AuxiliaryAddresses: { a: "10.2.3.4", b: "10.2.3.5" } },
  ]);
  expect(() => joinIpam([{ Subnet: "10.1.0.0/16" }, { Gateway: "10.9.0.1" }])).toThrow("no matching subnet for gateway 10.9.0.1");
});

test.each([
  [{ Subnet: "10.1.0.0" }, "invalid subnet 10.1.0.0: invalid CIDR block notation"],
  [{ Subnet: "10.1.0.1/16" }, "invalid subnet 10.1.0.1/16: it should be 10.1.0.0/16"],
  [{ IPRange: "10.1.0.0" }, "invalid ip-range 10.1.0.0: invalid CIDR block notation"],
  [{ IPRange: "fd00::/64" }, "invalid ip-range fd00::/64: parent subnet is an IPv4 block"],
  [{ IPRange: "10.0.0.0/8" }, "invalid ip-range 10.0.0.0/8: CIDR block is bigger than its parent subnet 10.1.0.0/16"],
  [{ IPRange: "10.2.0.0/24" }, "invalid ip-range 10.2.0.0/24: parent subnet 10.1.0.0/16 doesn't contain ip-range"],
  [{ IPRange: "10.1.0.1/24" }, "invalid ip-range 10.1.0.1/24: it should be 10.1.0.0/24"],
  [{ Gateway: "x" }, "invalid gateway x: invalid address"],
  [{ Gateway: "fd00::1" }, "invalid gateway fd00::1: parent subnet is an IPv4 block"],
  [{ Gateway: "10.2.0.1" }, "invalid gateway 10.2.0.1: parent subnet 10.1.0.0/16 doesn't contain this address"],
  [{ AuxiliaryAddresses: { a: "10.2.0.1" } }, "invalid auxiliary address a: parent subnet 10.1.0.0/16 doesn't contain this address"],
  [{ IPRange: "10.1.2.0/24", Gateway: "10.1.0.1", AuxiliaryAddresses: { a: "10.1.2.9" } }, undefined],
])("%j: what is wrong with a subnet", (config, fault) => {
  expect(faultOf({ Subnet: "10.1.0.0/16", ...config })).toBe(fault);
});

test("the names of a network: only what DNS allows reaches the server's file", () => {
  const spec = { Name: "Net", IPAM: { Config: [{ Subnet: "10.1.0.0/24", Gateway: "10.1.0.1" }] } } as Parameters<
    typeof namesFile
  >[0]["spec"];
  const endpoint = {
    owner: "c1",
    ipv4: "10.1.0.2",
    ipv6: "",
    settings: { DNSNames: ["Web", "a b", "x,y", "ok_1.example", "c\nd"] },
  } as unknown as Parameters<typeof namesFile>[1][number];
  expect(namesFile({ spec, bridge: "x" }, [endpoint])).toBe("10.1.0.1\nc1 10.1.0.2  web,ok_1.example,web.net,ok_1.example.net\n");
});
