/** Which host a command line is for. */
import { expect, test } from "vitest";
import { chooseHost, wayBack } from "../../src/host-choice.ts";

const choose = (flags: Record<string, string | undefined>, env: Record<string, string> = {}, current = "default") =>
  chooseHost(flags, env, () => current);
const there = "tcp://there:1";

test("this machine's own engine, when nothing is named", () => {
  expect(choose({})).toBeUndefined();
});

test("the command line goes before all else", () => {
  const env = { BERTH_HOST: "tcp://b:1", DOCKER_HOST: "tcp://d:1", DOCKER_CONTEXT: "c", BERTH_ROOT: "/r" };
  expect(choose({ host: there }, env, "current")).toEqual({ address: there });
  expect(choose({ context: "named" }, env, "current")).toEqual({ context: "named" });
  expect(choose({ root: "/r" }, env, "current")).toBeUndefined();
  expect(choose({ host: "local" }, env, "current")).toBeUndefined();
});

test("berth's variables go before docker's, and those before the context in use", () => {
  expect(choose({}, { BERTH_HOST: there, BERTH_ROOT: "/r", DOCKER_HOST: "tcp://d:1" })).toEqual({ address: there, from: "$BERTH_HOST" });
  expect(choose({}, { BERTH_HOST: "local", DOCKER_HOST: there }, "current")).toBeUndefined();
  expect(choose({}, { BERTH_ROOT: "/r", DOCKER_HOST: there, DOCKER_CONTEXT: "c" }, "current")).toBeUndefined();
  expect(choose({}, { DOCKER_HOST: there, DOCKER_CONTEXT: "c" }, "current")).toEqual({ address: there, from: "$DOCKER_HOST" });
  expect(choose({}, { DOCKER_CONTEXT: "c" }, "current")).toEqual({ context: "c", from: "$DOCKER_CONTEXT" });
  expect(choose({}, { DOCKER_CONTEXT: "default" }, "current")).toBeUndefined();
  expect(choose({}, {}, "current")).toMatchObject({ context: "current" });
});

test("the context 'default' is what the environment says, as with docker", () => {
  expect(choose({ context: "default" }, { DOCKER_HOST: there }, "current")).toMatchObject({ address: there });
  expect(choose({ context: "default" }, {}, "current")).toBeUndefined();
});

test("what contradicts itself is refused", () => {
  for (const flags of [{ host: there, context: "c" }, { host: there, root: "/r" }, { context: "c", runtime: "runc" }, { host: "" }])
    expect(() => choose(flags)).toThrow(expect.objectContaining({ code: "usage" }));
});

test("a host that nobody has typed comes with the way back", () => {
  expect(wayBack({ address: there, from: "$DOCKER_HOST" })).toContain("berth -H local");
  expect(wayBack({ address: there })).toBeUndefined();
});
