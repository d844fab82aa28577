/* The servers that are asked for what is no container's name. Times in s. */
enum { SERVERS = 3, STEP = 5 };
/* <sys/socket.h>, <sys/ioctl.h>, <fcntl.h> */
enum { SOL_SOCKET = 1, SO_REUSEADDR = 2, SO_RCVTIMEO = 20, SO_SNDTIMEO = 21, SIOCGIFINDEX = 0x8933, AT_FDCWD = -100, DOMAIN_PORT = 53 << 8 };

struct server { u8 address[16]; u32 scope; };

static char conf[8192];

static u32 scope_of(struct text name) {
  struct { char name[16]; int index; char rest[20]; } request = {{0}, 0, {0}};
  if (size_of(name) < 1 || size_of(name) > 15) return 0;
  copy(request.name, name.at, size_of(name));
  int fd = CALL(socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0, 0, 0, 0);
  if (fd < 0) return 0;
  long status = CALL(ioctl, fd, SIOCGIFINDEX, &request, 0, 0, 0);
  CALL(close, fd, 0, 0, 0, 0, 0);
  return status == 0 ? request.index : 0;
}

static int add_server(struct server *servers, int count, struct text text) {
  struct text address = take(&text, '%');
  if (count == SERVERS || !parse_address(address, servers[count].address)) return count;
  servers[count].scope = scope_of(text);
  return count + 1;
}

/* The host's, which may change at any time. */
static int host_servers(struct server *servers) {
  int count = 0, fd = CALL(openat, AT_FDCWD, "/etc/resolv.conf", O_CLOEXEC, 0, 0, 0);
  long length = fd < 0 ? 0 : CALL(read, fd, conf, sizeof conf, 0, 0, 0);
  if (fd >= 0) CALL(close, fd, 0, 0, 0, 0, 0);
  struct text rest = {conf, conf + (length < 0 ? 0 : length)};
  while (rest.at < rest.end) {
    struct text line = take(&rest, '\n');
    for (char *at = (char *)line.at; at < line.end; at++) {
      if (*at == ';' || *at == '#') line.end = at;
      else if (*at == '\t' || *at == '\r') *at = ' ';
    }
    while (line.at < line.end && *line.at == ' ') line.at++;
    struct text keyword = take(&line, ' ');
    while (line.at < line.end && *line.at == ' ') line.at++;
    if (size_of(keyword) == 10 && same(keyword.at, "nameserver", 10)) count = add_server(servers, count, take(&line, ' '));
  }
  return count;
}

/* The asker's own servers, else the host's, else the public ones that docker takes. */
static int find_servers(struct server *servers) {
  int count = 0;
  while (asker.servers.at < asker.servers.end) count = add_server(servers, count, take(&asker.servers, ','));
  if (count == 0) count = host_servers(servers);
  if (count > 0) return count;
  for (; count < 2; count++) {
    const u8 address[4] = {8, 8, count ? 4 : 8, count ? 4 : 8};
    copy(servers[count].address, mapped, sizeof mapped);
    copy(servers[count].address + 12, address, 4);
    servers[count].scope = 0;
  }
  return count;
}

static void limit_steps(int fd) {
  const long step[2] = {STEP, 0};
  CALL(setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, step, sizeof step, 0);
  CALL(setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, step, sizeof step, 0);
}

static int reach(const struct server *server, int type) {
  struct peer peer;
  int size = to_peer(&peer, server->address, server->scope, DOMAIN_PORT);
  int fd = CALL(socket, peer.family, type | SOCK_CLOEXEC, 0, 0, 0, 0);
  if (fd < 0) return -1;
  if (type == SOCK_STREAM) limit_steps(fd);
  if (CALL(connect, fd, &peer, size, 0, 0, 0) == 0) return fd;
  CALL(close, fd, 0, 0, 0, 0, 0);
  return -1;
}

static int is_refusal(const u8 *reply) { return (reply[3] & 15) == SERVFAIL || (reply[3] & 15) == REFUSED; }

/* Its question is the one that was asked, letters aside; a server that could not read it may leave it out. */
static int is_reply(const u8 *reply, long length, const u8 *packet, int end, const u8 *id) {
  if (length < 12 || !same(reply, id, 2) || !(reply[2] & 0x80)) return 0;
  if (word(reply + 4) == 0) return (reply[3] & 15) != 0;
  if (length < end) return 0;
  for (int at = 12; at < end; at++)
    if (lower(reply[at]) != lower(packet[at])) return 0;
  return 1;
}
