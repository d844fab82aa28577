import { describe, expect, test } from "vitest";
import type { Seen } from "../../../../engine/compose/life/observe.ts";
import { type Desired, planService } from "../../../../engine/compose/life/plan.ts";

const desired: Desired = { scale: 1, hash: "h1", image: "sha256:a", networks: ["app_default"], recreation: "diverged" };
const name = (number: number) => `app-web-${number}`;

function seen(number: number, more: Partial<Seen> = {}): Seen {
  return {
    id: `id${number}`,
    name: name(number),
    service: "web",
    number,
    oneOff: false,
    state: "running",
    status: "Up",
    hash: "h1",
    image: "sha256:a",
    created: 0,
    networks: ["app_default"],
    mounts: [],
    labels: {},
    summary: {} as Seen["summary"],
    ...more,
  };
}

/** The plan by numbers. */
function planned(containers: Seen[], more: Partial<Desired> = {}) {
  const plan = planService({ ...desired, ...more }, containers, name);
  const numbers = (list: readonly Seen[]) => list.map(({ id }) => id);
  return { ...plan, keep: numbers(plan.keep), recreate: numbers(plan.recreate), remove: numbers(plan.remove), adopt: numbers(plan.adopt) };
}

const none = { adopt: [], create: [], keep: [], recreate: [], remove: [] };

describe("what is there and what should be", () => {
  test("nothing there: all is made, from 1", () => {
    expect(planned([], { scale: 3 })).toEqual({ ...none, create: [1, 2, 3] });
  });

  test("nothing changed: all stay, running or not", () => {
    expect(planned([seen(1), seen(2, { state: "exited" })], { scale: 2 })).toEqual({ ...none, keep: ["id1", "id2"] });
  });

  test.each<[string, Partial<Seen>, Partial<Desired>]>([
    ["another configuration", { hash: "h0" }, {}],
    ["another image under the same name", { image: "sha256:b" }, {}],
    ["a network that it is not on", { networks: [] }, {}],
    ["whatever it is, when asked for", {}, { recreation: "force" }],
    ["one whose namespace it shares was made anew", {}, { follows: true }],
    ["a dead one", { state: "dead" }, {}],
  ])("made anew: %s", (_, container, wish) => {
    expect(planned([seen(1, container)], wish)).toEqual({ ...none, recreate: ["id1"] });
  });

  test("a host's or another's network asks for none", () => {
    const { networks: _networks, ...shared } = desired;
    expect(planService(shared, [seen(1, { networks: [] })], name).keep.length).toBe(1);
  });

  test("left as it is when asked for, whatever changed", () => {
    expect(planned([seen(1, { hash: "h0", image: "sha256:b" })], { recreation: "never" })).toEqual({ ...none, keep: ["id1"] });
  });

  test("more are made in the gaps of the numbers", () => {
    expect(planned([seen(2)], { scale: 4 })).toEqual({ ...none, keep: ["id2"], create: [1, 3, 4] });
  });

  test("fewer: those that changed go first, then the highest numbers", () => {
    expect(planned([seen(1, { hash: "h0" }), seen(2), seen(3)], { scale: 2 })).toEqual({ ...none, keep: ["id2", "id3"], remove: ["id1"] });
    expect(planned([seen(1), seen(2), seen(3)], { scale: 1 })).toEqual({ ...none, keep: ["id1"], remove: ["id2", "id3"] });
    expect(planned([seen(1)], { scale: 0 })).toEqual({ ...none, remove: ["id1"] });
  });
});

describe("what an earlier command that was cut off has left", () => {
  const half = { id: "new", name: "id1_app-web-1", replaces: "id1", state: "created" as const };

  test("both are there: the one that was to replace goes", () => {
    expect(planned([seen(1), seen(1, half)])).toEqual({ ...none, keep: ["id1"], remove: ["new"] });
  });

  test("the old one is gone: the new one gets its name, and its volumes stay in use", () => {
    expect(planned([seen(1, half)])).toEqual({ ...none, adopt: ["new"], keep: ["new"] });
  });

  test("the old one is gone, and all changed since: it gets the name, then is made anew", () => {
    expect(planned([seen(1, { ...half, hash: "h0" })])).toEqual({ ...none, adopt: ["new"], recreate: ["new"] });
  });
});

test("one that has another volume than the project's is made anew", () => {
  const mounted = (Name: string) => [
    { Type: "volume" as const, Name, Source: "/v", Destination: "/data", Mode: "z", RW: true, Propagation: "" },
  ];
  const containers = [seen(1, { mounts: mounted("one") }), seen(2, { mounts: mounted("other") })];
  expect(planned(containers, { scale: 2, volumes: ["one"] })).toMatchObject({ keep: ["id1"], recreate: ["id2"] });
});
