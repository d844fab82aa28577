/** Builds of clients that know no /grpc: a context and its build come by requests of their own, one of which may not come. */
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { Jobs } from "../../../../engine/serve/buildkit/jobs.ts";

test("a context is its build's, whichever comes first", async () => {
  const jobs = new Jobs();
  const [gone, body] = [new AbortController(), Readable.from(["context"])];
  const giving = jobs.give("a", body, gone.signal);
  expect(await jobs.run("a", gone.signal, () => jobs.upload("a"))).toBe(body);
  await giving;
});

test("a context whose client goes before its build came is nobody's", async () => {
  const jobs = new Jobs();
  const [gone, stays] = [new AbortController(), new AbortController()];
  const left = jobs.give("a", Readable.from(["left"]), gone.signal);
  gone.abort();
  await left;
  const body = Readable.from(["another"]);
  const giving = jobs.give("a", body, stays.signal);
  expect(await jobs.run("a", stays.signal, () => jobs.upload("a"))).toBe(body);
  await giving;
});
