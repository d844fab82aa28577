/** What a host is not asked for, as it would leave it out without a word. */
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import type { RemoteEngine } from "../../../engine/remote/index.ts";
import { finish } from "../../support/engine.ts";
import { Liar } from "./scene.ts";

test.each<[string, (engine: RemoteEngine) => AsyncGenerator<unknown, unknown>]>([
  ["pull", ({ images }) => images.pull("busybox", { noVerify: true })],
  ["load", ({ images }) => images.load(Readable.from([]), { noVerify: true })],
  ["create", ({ containers }) => containers.create({ Image: "busybox", NoVerify: true })],
  ["build", ({ builder }) => builder.build({ context: "-", dockerfile: "FROM scratch", noVerify: true })],
])("policies are a host's own: %s", async (_, ask) => {
  const asked: string[] = [];
  await using liar = await new Liar(({ path }) => void asked.push(path)).listen();
  await using engine = liar.engine();
  await expect(finish(ask(engine))).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("--no-verify") });
  expect(asked).toEqual([]);
});

test.each<[string, (engine: RemoteEngine) => Promise<unknown>]>([
  ["layers", ({ images }) => images.layers("busybox")],
  ["security", ({ images }) => images.security("busybox")],
  ["bill", ({ images }) => images.bill("busybox")],
])("what a host's API does not tell of an image can be seen of a copy: %s", async (_, ask) => {
  await using liar = await new Liar(() => {}).listen();
  await using engine = liar.engine();
  const hint = "look at it here: berth -H HOST save IMAGE | berth load";
  await expect(ask(engine)).rejects.toMatchObject({ code: "unsupported", hint });
});
