/** The layers that are stored: made, held on to, stacked, mounted, collected. */
export { commitLayer } from "./commit-layer.ts";
export { holdChain, releaseHolds } from "./holds.ts";
export { parallel, Slots, storeStack } from "./layer-stack.ts";
export { storeLayer } from "./layer-store.ts";
export { collectChain, findLayer, holding, type LayerRow, layerDirectory, layersOf, lowerdirs, oweCollection } from "./layers.ts";
export { viewLayers } from "./layers-view.ts";
export { mountOverlay, type OverlayMount, unmountOverlay } from "./overlay.ts";
