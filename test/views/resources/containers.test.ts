/** What the list says of containers in few cells. */
import { expect, test } from "vitest";
import { publishedPorts, shortStatus } from "../../../views/resources/containers.ts";
import { container } from "../../support/fake-engine.ts";
import { fake, open, terminal } from "../tui-scene.ts";

const now = Date.parse("2026-05-01T12:00:00Z");
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

test.each([
  [{ Status: "Up 2 hours (unhealthy)", StartedAt: ago(7200) }, "Up 2h (unhealthy)"],
  [{ Status: "Up 3 seconds (health: starting)", StartedAt: ago(3) }, "Up 3s (starting)"],
  [{ Status: "Up 2 minutes (Paused)", State: "paused", StartedAt: ago(120) }, "Up 2m (Paused)"],
  [{ Status: "Exited (137) 5 days ago", State: "exited", FinishedAt: ago(5 * 86_400), RestartCount: 4 }, "Exited (137) ↻4 5d"],
  [{ Status: "Restarting (3) 1 second ago", State: "restarting", FinishedAt: ago(30), RestartCount: 2 }, "Restarting (3) ↻2 30s"],
  [{ Status: "Exited (1) About an hour ago", State: "exited" }, "Exited (1) 1h"],
  [{ Status: "Up Less than a second", StartedAt: "" }, "Up 0s"],
  [{ Status: "Created", State: "created" }, "Created"],
] as const)("%o is %s", (of, text) => {
  expect(shortStatus(container("web", of as never), now)).toBe(text);
});

const port = (PublicPort: number, PrivatePort: number, Type: "tcp" | "udp" = "tcp", IP = "0.0.0.0") => ({
  IP,
  PublicPort,
  PrivatePort,
  Type,
});

test("ports in a row are one range, each said once for all addresses", () => {
  expect(publishedPorts([port(8080, 80), port(8080, 80, "tcp", "::"), port(53, 53, "udp")])).toBe("8080→80 53→53/udp");
  const row = [0, 1, 2].flatMap((at) => [port(9000 + at, 90 + at), port(9000 + at, 90 + at, "tcp", "::")]);
  expect(publishedPorts([...row, port(9003, 80)])).toBe("9000-9002→90-92 9003→80");
  expect(publishedPorts([{ PrivatePort: 80, Type: "tcp" }])).toBe("");
});

test("where columns would be cut the status is short: health and ports are there", async () => {
  const StartedAt = new Date(Date.now() - 7_300_000).toISOString();
  fake.containers.length = 0;
  fake.containers.push(
    container("application-server-production-1", {
      Status: "Up 2 hours (unhealthy)",
      StartedAt,
      Ports: [port(18080, 8080)],
    } as never),
  );
  await open(120, 20);
  await terminal.screen.waitFor(/Up 2h \(unhealthy\) .*18080→8080 /);
  terminal.resize(160, 20);
  await terminal.screen.waitFor(/application-server-production-1 .*Up 2 hours \(unhealthy\).*18080→8080 /);
});
