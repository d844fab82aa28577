/** What other rooms are told of the layer cache. Nothing else, as every command loads it. */
import type { Ground } from "../../state/ground.ts";
import type { BuildFacts } from "../../state/lent.ts";

export const cacheFacts = (ground: Ground): BuildFacts => ({
  needs: (chainId) => ground.db.get("SELECT 1 FROM build_cache WHERE chain_id = ? LIMIT 1", chainId) !== undefined,
});
