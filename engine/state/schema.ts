/**
 * The database schema, by room. `user_version` counts the migrations applied; a migration is appended, never edited
 * once released. JSON columns hold Docker API shapes. Times are milliseconds since the epoch unless named otherwise.
 */
export const migrations: string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  -- Things being made right now. The row comes first; when its owner is dead, the next command undoes it (leases.ts).
  CREATE TABLE leases (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    owner_pid INTEGER NOT NULL,
    owner_start TEXT NOT NULL,   -- field 22 of /proc/PID/stat, with the boot id: a pid alone is reused
    created INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    type TEXT NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    attributes TEXT NOT NULL     -- JSON object
  ) STRICT;
  CREATE INDEX events_time ON events (time);

  -- engine/image
  CREATE TABLE layers (
    chain_id TEXT PRIMARY KEY,   -- OCI image-spec, "Layer ChainID"
    parent TEXT NOT NULL,        -- chain id, '' for the lowest
    diff_id TEXT NOT NULL,
    dir TEXT NOT NULL UNIQUE,    -- name under ROOT/layers, and the short name under ROOT/l
    size INTEGER NOT NULL,       -- bytes of file content
    tar_size INTEGER NOT NULL,   -- bytes of the uncompressed tar
    created INTEGER NOT NULL,
    used INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX layers_parent ON layers (parent);
  CREATE INDEX layers_diff ON layers (diff_id);
  CREATE TABLE images (
    id TEXT PRIMARY KEY,         -- digest of the config
    config TEXT NOT NULL,        -- the exact bytes of the image config
    chain_id TEXT NOT NULL,
    parent TEXT NOT NULL,        -- image id or ''
    annotations TEXT NOT NULL,   -- JSON, for the manifest it leaves with
    size INTEGER NOT NULL,
    created INTEGER NOT NULL,    -- from the config
    stored INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE tags (
    reference TEXT PRIMARY KEY,  -- full form: docker.io/library/python:3.9, or name@sha256:…
    image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    updated INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX tags_image ON tags (image);
  -- Compressed forms of a layer that a registry is known to hold: what push need not send again.
  CREATE TABLE layer_blobs (
    diff_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    size INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    repository TEXT NOT NULL,    -- domain/path
    PRIMARY KEY (diff_id, repository, digest)
  ) STRICT;

  -- engine/container
  CREATE TABLE containers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    image TEXT NOT NULL,         -- image id
    image_ref TEXT NOT NULL,     -- as the user wrote it
    status TEXT NOT NULL,        -- creating created running paused restarting removing exited dead
    config TEXT NOT NULL,        -- ContainerConfig
    host_config TEXT NOT NULL,   -- HostConfig
    networking TEXT NOT NULL,    -- Record<string, EndpointSettings> as asked for
    mounts TEXT NOT NULL,        -- MountPoint[]
    path TEXT NOT NULL,
    args TEXT NOT NULL,          -- JSON array
    created INTEGER NOT NULL,
    started TEXT NOT NULL,       -- RFC 3339, docker's zero time when never
    finished TEXT NOT NULL,
    pid INTEGER NOT NULL,        -- 0 when not running
    pid_start TEXT NOT NULL,
    monitor_pid INTEGER NOT NULL,-- conmon, or the berth that runs it directly
    monitor_start TEXT NOT NULL,
    exit_code INTEGER NOT NULL,
    error TEXT NOT NULL,
    oom_killed INTEGER NOT NULL,
    restart_count INTEGER NOT NULL,
    direct INTEGER NOT NULL,     -- 1: run without a monitor
    stopped_by_user INTEGER NOT NULL,
    health TEXT                  -- HealthState
  ) STRICT;
  CREATE INDEX containers_status ON containers (status);
  CREATE INDEX containers_image ON containers (image);

  -- engine/network
  CREATE TABLE networks (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    driver TEXT NOT NULL,
    spec TEXT NOT NULL,          -- NetworkInspect without Containers
    bridge TEXT NOT NULL UNIQUE, -- interface name
    created INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE endpoints (
    owner TEXT NOT NULL,         -- container id, or build step id
    network TEXT NOT NULL REFERENCES networks (id),
    endpoint_id TEXT NOT NULL,
    interface TEXT NOT NULL,     -- host side of the veth pair
    device TEXT NOT NULL,        -- its name inside: eth0
    ipv4 TEXT NOT NULL,
    ipv6 TEXT NOT NULL,
    mac TEXT NOT NULL,
    settings TEXT NOT NULL,      -- EndpointSettings
    PRIMARY KEY (owner, network)
  ) STRICT;
  CREATE UNIQUE INDEX endpoints_ipv4 ON endpoints (network, ipv4) WHERE ipv4 <> '';
  CREATE UNIQUE INDEX endpoints_ipv6 ON endpoints (network, ipv6) WHERE ipv6 <> '';
  CREATE TABLE ports (
    owner TEXT NOT NULL,
    network TEXT NOT NULL,       -- whose rules hold it
    protocol TEXT NOT NULL,
    host_ip TEXT NOT NULL,
    host_port INTEGER NOT NULL,
    container_port INTEGER NOT NULL,
    PRIMARY KEY (protocol, host_ip, host_port)
  ) STRICT;
  CREATE INDEX ports_owner ON ports (owner);

  -- engine/volume
  CREATE TABLE volumes (
    name TEXT PRIMARY KEY,
    anonymous INTEGER NOT NULL,
    labels TEXT NOT NULL,
    options TEXT NOT NULL,
    created INTEGER NOT NULL
  ) STRICT;

  -- engine/build
  CREATE TABLE build_cache (
    key TEXT PRIMARY KEY,        -- content-addressed cache key
    chain_id TEXT NOT NULL,      -- resulting layer chain
    diff_id TEXT NOT NULL,       -- '' when the step made no layer
    description TEXT NOT NULL,
    size INTEGER NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    data TEXT NOT NULL           -- JSON
  ) STRICT;
  CREATE TABLE builds (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    created INTEGER NOT NULL,
    completed INTEGER,
    owner_pid INTEGER NOT NULL,
    owner_start TEXT NOT NULL,
    steps INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    image TEXT,
    error TEXT
  ) STRICT;
  `,
  `
  -- engine/image: manifests and indexes, byte for byte; their files are ROOT/blobs/sha256/HEX
  CREATE TABLE blobs (
    digest TEXT PRIMARY KEY,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,       -- bytes
    stored INTEGER NOT NULL
  ) STRICT;
  -- What a blob names, whether that is in the store or not.
  CREATE TABLE blob_links (
    parent TEXT NOT NULL REFERENCES blobs (digest) ON DELETE CASCADE,
    child TEXT NOT NULL,
    PRIMARY KEY (parent, child)
  ) STRICT;
  -- The manifests that an image came or left with.
  CREATE TABLE manifests (
    image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    PRIMARY KEY (image, digest)
  ) STRICT;
  ALTER TABLE tags ADD COLUMN digest TEXT NOT NULL DEFAULT '';       -- of the index or manifest that the name stands for
  ALTER TABLE layer_blobs ADD COLUMN own INTEGER NOT NULL DEFAULT 0; -- in which way it was compressed here, so that it can be made again; 0: it was not
  `,
  `
  -- What a referrer refers to, as a signature does to a manifest: it is kept as long as that
  ALTER TABLE blobs ADD COLUMN subject TEXT NOT NULL DEFAULT '';
  CREATE INDEX blobs_subject ON blobs (subject) WHERE subject <> '';
  `,
];
