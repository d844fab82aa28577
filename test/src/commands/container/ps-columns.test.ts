import { expect, test } from "vitest";
import type { ContainerSummary, PortSummary } from "../../../../engine/index.ts";
import { splitPlace } from "../../../../src/commands/container/cp.ts";
import { displayPorts, psColumns } from "../../../../src/commands/container/ps-columns.ts";
import { renderTemplateRows } from "../../../../src/format/rows.ts";
import { renderTable } from "../../../../src/format/table.ts";

const tcp = (PrivatePort: number, PublicPort?: number, IP?: string): PortSummary => ({ PrivatePort, PublicPort, IP, Type: "tcp" });

test.each<[string, PortSummary[]]>([
  ["", []],
  ["80/tcp", [tcp(80)]],
  ["80-82/tcp, 90/tcp", [tcp(82), tcp(80), tcp(81), tcp(90)]],
  ["0.0.0.0:8080->80/tcp", [tcp(80, 8080, "0.0.0.0")]],
  ["0.0.0.0:8080->80/tcp, [::]:8080->80/tcp", [tcp(80, 8080, "0.0.0.0"), tcp(80, 8080, "::")]],
  ["0.0.0.0:80-81->80-81/tcp", [tcp(80, 80, "0.0.0.0"), tcp(81, 81, "0.0.0.0")]],
  ["443/tcp, 127.0.0.1:8080->80/tcp", [tcp(80, 8080, "127.0.0.1"), tcp(443)]],
  ["53/tcp, 53/udp", [tcp(53), { PrivatePort: 53, Type: "udp" }]],
])("ports show as %j", (text, ports) => {
  expect(displayPorts(ports)).toBe(text);
});

const row: ContainerSummary = {
  Id: "0123456789abcdef".repeat(4),
  Names: ["/web"],
  Image: `sha256:${"ab".repeat(32)}`,
  ImageID: "",
  Command: "docker-entrypoint.sh nginx -g daemon off;",
  Created: Math.floor(Date.now() / 1000) - 7200,
  Ports: [],
  Labels: { b: "2", a: "" },
  State: "running",
  Status: "Up 2 hours (healthy)",
  SizeRw: 1234,
  SizeRootFs: 77_800_000,
  HostConfig: { NetworkMode: "bridge" },
  NetworkSettings: { Networks: { bridge: {} } },
  Mounts: [],
};

test("a row of ps is docker's", () => {
  const [header, line] = renderTable(psColumns({ size: true }), [row]).split("\n");
  expect(header).toBe(
    "CONTAINER ID   IMAGE          COMMAND                  CREATED       STATUS                 PORTS     NAMES     SIZE",
  );
  expect(line).toBe(
    '0123456789ab   abababababab   "docker-entrypoint.s…"   2 hours ago   Up 2 hours (healthy)             web       1.23kB (virtual 77.8MB)',
  );
});

test("--no-trunc keeps ids and commands", () => {
  const [, line] = renderTable(psColumns({ noTrunc: true }), [row]).split("\n");
  expect(line).toContain(row.Id);
  expect(line).toContain(`"${row.Command}"`);
});

test("what links call a container shows with --no-trunc", () => {
  const linked = { ...row, Names: ["/db", "/web/data"] };
  const names = (noTrunc: boolean) =>
    psColumns({ noTrunc })
      .find(({ field }) => field === "Names")!
      .value(linked);
  expect([names(false), names(true)]).toEqual(["db", "db,web/data"]);
});

test("a command shows as a Go string: lines and what steers a terminal stay on one line and harmless", () => {
  const command = (Command: string, noTrunc = true) =>
    psColumns({ noTrunc })
      .find(({ field }) => field === "Command")!
      .value({ ...row, Command });
  expect(command("sh -c 'a\n\tb\r'")).toBe(String.raw`"sh -c 'a\n\tb\r'"`);
  expect(command('\x1b[31m \x00 \x7f \u009b "q" \\ é 日')).toBe(String.raw`"\x1b[31m \x00 \x7f \u009b \"q\" \\ é 日"`);
  expect(command("0123456789\n\n\n\n\n\n\n\n\n\n\n", false)).toBe(String.raw`"0123456789\n\n\n\n\n\n\n\n\n…"`); // cut as it is, then quoted
});

test("so it does in JSON: one line, whatever the command is", () => {
  const text = renderTemplateRows("json", psColumns({ noTrunc: true }), [{ ...row, Command: "sh -c 'a\n\tb'" }]);
  expect(text.trimEnd()).not.toContain("\n");
  expect(JSON.parse(text).Command).toBe(String.raw`"sh -c 'a\n\tb'"`);
});

test.each([
  ["web:/etc/passwd", { container: "web", path: "/etc/passwd" }],
  ["web:etc", { container: "web", path: "etc" }],
  ["./a:b", { path: "./a:b" }],
  ["/a:b", { path: "/a:b" }],
  ["a/b:c", { path: "a/b:c" }],
  ["-", { path: "-" }],
  ["file", { path: "file" }],
])("cp reads %s", (word, place) => {
  expect(splitPlace(word)).toEqual(place);
});
