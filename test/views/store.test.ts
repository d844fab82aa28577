/** The state and who is told of its changes. */
import { expect, test } from "vitest";
import { createStore } from "../../views/store.ts";

test("what is prepared is there at once, and drawn with what follows", () => {
  const store = createStore({ view: "list", lines: 0 });
  const drawn: unknown[] = [];
  store.subscribe(() => drawn.push(store.get()));
  store.prepare({ view: "pager" });
  expect(store.get()).toEqual({ view: "pager", lines: 0 });
  expect(drawn).toEqual([]);
  store.set({ lines: 3 });
  expect(drawn).toEqual([{ view: "pager", lines: 3 }]);
});

test("what is prepared is drawn alone when nothing follows, and only once", async () => {
  const store = createStore({ view: "list", lines: 0 });
  const drawn: unknown[] = [];
  store.prepare({ view: "pager" });
  store.prepare({ lines: 1 });
  await new Promise<void>((resolve) =>
    store.subscribe(() => {
      drawn.push(store.get());
      resolve();
    }),
  );
  store.set({ lines: 1 });
  expect(drawn).toEqual([{ view: "pager", lines: 1 }]);
});

test("a change to what is there already is told to nobody", () => {
  const store = createStore({ lines: 0 });
  store.subscribe(() => expect.unreachable());
  store.set({ lines: 0 });
});
