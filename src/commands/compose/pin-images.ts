/** Images of services by the digests that their registries have for them now (`config --resolve-image-digests`). */
import type { Context } from "../command.ts";

/** Changes the services; each image is asked for once. */
export async function pinImages({ engine, signal }: Context, services: Readonly<Record<string, { image?: string }>>): Promise<void> {
  const known = new Map<string, Promise<string>>();
  const pinned = (image: string) => {
    const found = known.get(image) ?? engine.images.resolve(image, { signal });
    known.set(image, found);
    return found;
  };
  const all = Object.values(services).filter(({ image }) => image);
  await Promise.all(
    all.map(async (service) => {
      service.image = await pinned(service.image!);
    }),
  );
}
