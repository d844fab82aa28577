/** Images of the fake engine: names, labels and commands, without a file in them. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer, json } from "node:stream/consumers";
import { EngineError } from "../../../engine/errors.ts";
import { familiar, parseReference, withTag } from "../../../engine/image/documents/reference.ts";
import type { ImageDeleteRow, ImageInspect, ImageSummary, Images } from "../../../engine/index.ts";
import { absent } from "./absent.ts";
import type { World } from "./world.ts";

const tagOf = (text: string) => familiar(withTag(parseReference(text)));
const none: ImageSummary = {
  ...{
    Id: "",
    ParentId: "",
    RepoTags: [],
    RepoDigests: [],
    Created: 0,
    Size: 0,
    SharedSize: 0,
    Labels: {},
    Containers: 0,
    Dangling: false,
  },
};

export function findImage(world: World, ref: string): ImageSummary {
  const found = world.images.find(({ Id }) => Id === ref) ?? world.images.find(({ RepoTags }) => RepoTags.includes(tagOf(ref)));
  if (!found) throw new EngineError("not-found", `No such image: ${ref}`);
  return found;
}

function put(world: World, image: ImageSummary, RepoTags: string[]): void {
  const next = { ...image, RepoTags, Dangling: RepoTags.length === 0 };
  const at = world.images.findIndex(({ Id }) => Id === image.Id);
  if (at < 0) world.images.push(next);
  else world.images.splice(at, 1, next);
}

/** The name is taken from whoever has it. */
function tag(world: World, image: ImageSummary, name: string): void {
  const before = world.images.find(({ RepoTags }) => RepoTags.includes(name));
  if (before)
    put(
      world,
      before,
      before.RepoTags.filter((each) => each !== name),
    );
  const now = world.images.find(({ Id }) => Id === image.Id) ?? image;
  put(world, now, [...now.RepoTags, name]);
  world.emit("image", "tag", image.Id, { name });
}

const isUsed = (world: World, { Id }: ImageSummary) => world.containers.some(({ ImageID }) => ImageID === Id);

function drop(world: World, image: ImageSummary): ImageDeleteRow[] {
  world.images.splice(
    world.images.findIndex(({ Id }) => Id === image.Id),
    1,
  );
  world.emit("image", "delete", image.Id);
  return [{ Deleted: image.Id }];
}

function remove(world: World, ref: string, force: boolean): ImageDeleteRow[] {
  const image = findImage(world, ref);
  if (image.RepoTags.length > 1) {
    const name = tagOf(ref);
    put(
      world,
      image,
      image.RepoTags.filter((each) => each !== name),
    );
    return [{ Untagged: name }];
  }
  if (!force && isUsed(world, image)) throw new EngineError("in-use", `image "${ref}" is used by a container`);
  return [...image.RepoTags.map((name) => ({ Untagged: name })), ...drop(world, image)];
}

function inspect(world: World, image: ImageSummary): ImageInspect {
  const { cmd = null, labels = {} } = world.labels.get(image.Id) ?? {};
  return {
    ...{ Id: image.Id, RepoTags: image.RepoTags, RepoDigests: image.RepoDigests, Parent: "", Comment: "", Author: "", DockerVersion: "" },
    ...{ Created: new Date(image.Created * 1000).toISOString(), Architecture: "amd64", Os: "linux", Size: image.Size },
    Config: { Labels: labels, Cmd: cmd },
    GraphDriver: { Name: "overlay", Data: {} },
    RootFS: { Type: "layers", Layers: [] },
    Metadata: { LastTagTime: "" },
  };
}

/** `LABEL a=b` and `CMD ["x"]`, as import takes them. */
function configOf(changes: readonly string[]): { labels: Record<string, string>; cmd: string[] | undefined } {
  const words = (name: string) => changes.filter((each) => each.startsWith(`${name} `)).map((each) => each.slice(name.length + 1));
  const [cmd] = words("CMD");
  return { labels: Object.fromEntries(words("LABEL").map((each) => each.split("="))), cmd: cmd && JSON.parse(cmd) };
}

interface Archive {
  fake: { image: ImageSummary; config: ReturnType<typeof configOf> }[];
}

async function readArchive(tar: Readable): Promise<Archive> {
  try {
    return (await json(tar)) as Archive;
  } catch (cause) {
    throw new EngineError("archive", "this is no archive of the fake engine", { cause });
  }
}

export function fakeImages(world: World): Images {
  return {
    async list({ reference } = {}) {
      return reference === undefined ? [...world.images] : world.images.filter(({ RepoTags }) => RepoTags.includes(tagOf(reference)));
    },
    inspect: async (ref) => inspect(world, findImage(world, ref)),
    async history(ref) {
      const { Id, Created, Size, RepoTags } = findImage(world, ref);
      return [{ Id, Created, CreatedBy: "", Tags: RepoTags, Size, Comment: "" }];
    },
    tag: async (source, target) => tag(world, findImage(world, source), tagOf(target)),
    remove: async (ref, options) => remove(world, ref, options?.force ?? false),
    async prune({ all } = {}) {
      const gone = world.images.filter((image) => (all || image.Dangling) && !isUsed(world, image));
      return { ImagesDeleted: gone.flatMap((image) => drop(world, image)), SpaceReclaimed: 0 };
    },
    async *import(from, { reference, changes = [] } = {}) {
      if (from instanceof URL) throw new EngineError("unsupported", "the fake engine has no network");
      const bytes = await buffer(from);
      const config = configOf(changes);
      const Id = `sha256:${createHash("sha256").update(bytes).update(JSON.stringify(config)).digest("hex")}`;
      world.labels.set(Id, config);
      const image = { ...none, Id, Labels: config.labels, Size: bytes.length };
      put(world, image, []);
      if (reference) tag(world, image, tagOf(reference));
      return { Id };
    },
    async *load(tar) {
      const { fake } = await readArchive(tar);
      for (const { image, config } of fake) {
        world.labels.set(image.Id, config);
        put(world, image, image.RepoTags);
      }
      const nameless = fake.filter(({ image }) => image.RepoTags.length === 0);
      return { Ids: nameless.map(({ image }) => image.Id), References: fake.flatMap(({ image }) => image.RepoTags) };
    },
    async save(refs) {
      const chosen = refs.map((ref) => findImage(world, ref));
      const archive = { fake: chosen.map((image) => ({ image, config: world.labels.get(image.Id) ?? { labels: {} } })) };
      return Readable.from([Buffer.from(JSON.stringify(archive))], { objectMode: false });
    },
    ...absent(world, "images", "the fake engine has no layers", ["layers", "security"]),
    ...absent(world, "images", "the fake engine has no network", ["pull", "push", "resolve", "distribution"]),
    ...absent(world, "images", "the fake engine has no manifests", ["document", "referrers", "attach", "attestations", "bill", "attest"]),
  };
}
