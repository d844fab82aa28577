/** Layers that no image has yet are kept by the operation that needs them, and by nobody longer. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commitLayer } from "../../../../engine/image/layers/commit-layer.ts";
import { holdChain } from "../../../../engine/image/layers/holds.ts";
import { findLayer, holding } from "../../../../engine/image/layers/layers.ts";
import { openTestEngine } from "../../../support/engine.ts";

test("an operation that ends gives up its own holds, not those of another in the same process", async () => {
  await using opened = openTestEngine();
  const { engine: house, root } = opened;
  const [firstMade, firstMayEnd, secondHolds, secondMayEnd] = [1, 2, 3, 4].map(() => Promise.withResolvers<void>());
  let chain = "";
  const first = holding(house, async () => {
    const upper = join(root, "tmp", "upper");
    mkdirSync(upper, { recursive: true });
    writeFileSync(join(upper, "file"), "content");
    chain = (await commitLayer(house, upper, "")).chainId;
    firstMade!.resolve();
    await firstMayEnd!.promise;
  });
  await firstMade!.promise;
  const second = holding(house, async () => {
    holdChain(house, chain);
    secondHolds!.resolve();
    await secondMayEnd!.promise;
  });
  await secondHolds!.promise;
  firstMayEnd!.resolve();
  await first;
  expect(findLayer(house, chain)).toBeDefined();
  secondMayEnd!.resolve();
  await second;
  expect(findLayer(house, chain)).toBeUndefined();
});
