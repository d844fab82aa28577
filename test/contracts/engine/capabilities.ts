/** The contract of what a host cannot do: it says so beforehand, and means the same when it is asked all the same. */
import { expect, test } from "vitest";
import type { Engine } from "../../../engine/index.ts";
import type { Host } from "./host.ts";

const rooms = ["containers", "execs", "images", "builder", "networks", "volumes", "files", "system"] as const satisfies (keyof Engine)[];

export function capabilities(host: () => Host): void {
  test("what it says that it cannot do are verbs, each with a reason", async () => {
    const { engine } = host();
    const { cannot } = await engine.capabilities();
    const verbs = rooms.flatMap((room) => Object.keys(engine[room]).map((name) => `${room}.${name}`));
    for (const [verb, reason] of Object.entries(cannot)) {
      expect(verbs).toContain(verb);
      expect(reason).toMatch(/\S/);
    }
  });

  test("and are answered so", async () => {
    const { engine } = host();
    const { cannot } = await engine.capabilities();
    for (const [verb, reason] of Object.entries(cannot)) {
      const [room = "", name = ""] = verb.split(".");
      const called: unknown = Reflect.apply(Reflect.get(Reflect.get(engine, room), name), undefined, []);
      const answer = isGenerator(called) ? called.next() : called;
      await expect(answer, verb).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining(reason) });
    }
  });
}

function isGenerator(value: unknown): value is AsyncGenerator {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
