/* The networks' files in memory, and who is on which. */
enum { DIRECTORY = 4, NETWORKS = 512, BUFFER = 65536 };

struct network { char name[20]; const char *text; long size; };
struct endpoint { struct text owner, addresses[2], names, servers; };

static struct network networks[NETWORKS];
static int network_count;
static struct { int networks[NETWORKS], count, forwards; struct text servers; } asker;
/* The message in work. */
static u8 in[BUFFER];

static struct text endpoints_of(int network, struct text *listen) {
  struct text rest = {networks[network].text, networks[network].text + networks[network].size};
  *listen = take(&rest, '\n');
  return rest;
}

static int next_endpoint(struct text *rest, struct endpoint *endpoint) {
  while (rest->at < rest->end) {
    struct text line = take(rest, '\n');
    endpoint->owner = take(&line, ' ');
    endpoint->addresses[0] = take(&line, ' ');
    endpoint->addresses[1] = take(&line, ' ');
    endpoint->names = take(&line, ' ');
    endpoint->servers = take(&line, ' ');
    if (size_of(endpoint->owner) > 0) return 1;
  }
  return 0;
}

static int has_address(const struct endpoint *endpoint, const u8 *address) {
  u8 own[16];
  for (int each = 0; each < 2; each++)
    if (parse_address(endpoint->addresses[each], own) && same(own, address, 16)) return 1;
  return 0;
}

static int is_network(const char *name) {
  for (int at = 0; at < 12; at++)
    if (hex(name[at]) < 0) return 0;
  return name[12] == 0 || same(name + 12, "%int", 5);
}

static int is_internal(int network) { return networks[network].name[12] != 0; }

static void read_network(int directory, const char *name) {
  if (!is_network(name) || network_count == NETWORKS) return;
  int fd = CALL(openat, directory, name, O_CLOEXEC, 0, 0, 0);
  if (fd < 0) return;
  struct network *network = networks + network_count;
  network->size = CALL(lseek, fd, 0, 2, 0, 0, 0);
  long text = network->size > 0 ? CALL(mmap, 0, network->size, 1, 2, fd, 0) : -1;
  CALL(close, fd, 0, 0, 0, 0, 0);
  if (text < 0 && text > -4096) return;
  network->text = (const char *)text;
  copy(network->name, name, name[12] ? 17 : 13);
  network_count++;
}

static void read_networks(void) {
  for (int each = 0; each < network_count; each++) CALL(munmap, networks[each].text, networks[each].size, 0, 0, 0, 0);
  network_count = 0;
  int directory = CALL(openat, DIRECTORY, ".", O_CLOEXEC, 0, 0, 0);
  if (directory < 0) return;
  for (long length; (length = CALL(getdents64, directory, in, BUFFER, 0, 0, 0)) > 0;)
    for (u8 *entry = in; entry < in + length; entry += *(u16 *)(entry + 16)) read_network(directory, (char *)entry + 19);
  CALL(close, directory, 0, 0, 0, 0, 0);
}

/* Who asks, by address: whose names and servers are theirs. A stranger is taken for somebody on the network asked. */
static void identify(const u8 *source, int home) {
  struct endpoint endpoint;
  struct text owner = {0, 0}, listen, rest;
  for (int turn = -1; turn < network_count && !owner.at; turn++)
    for (rest = endpoints_of(turn < 0 ? home : turn, &listen); !owner.at && next_endpoint(&rest, &endpoint);)
      if (has_address(&endpoint, source)) owner = endpoint.owner;
  asker.count = asker.forwards = 0;
  asker.servers.at = asker.servers.end = 0;
  for (int turn = -1; turn < network_count; turn++) {
    int network = turn < 0 ? home : turn, member = !owner.at && turn < 0;
    if (turn == home) continue;
    for (rest = endpoints_of(network, &listen); owner.at && !member && next_endpoint(&rest, &endpoint);)
      if (same_text(endpoint.owner, owner)) member = 1, asker.servers = endpoint.servers;
    if (!member) continue;
    asker.networks[asker.count++] = network;
    asker.forwards |= !is_internal(network);
  }
}
