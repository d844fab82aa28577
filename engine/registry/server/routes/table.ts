/** The one table of the registry's routes. */
import type { RegistryRoute } from "../call.ts";
import { blobRoutes } from "./blobs.ts";
import { listingRoutes } from "./listings.ts";
import { manifestRoutes } from "./manifests.ts";
import { uploadRoutes } from "./uploads.ts";

export const routes: readonly RegistryRoute[] = [...listingRoutes, ...manifestRoutes, ...blobRoutes, ...uploadRoutes];
