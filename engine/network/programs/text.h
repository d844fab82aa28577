/* Words of a text, addresses as bytes and as sockets' names: what the name server reads its files with. */
struct text { const char *at, *end; };
/* sockaddr_in and sockaddr_in6 */
struct peer { u16 family, port; u8 first[4], address[16]; u32 scope; };

static void copy(void *to, const void *from, long length) {
  for (long at = 0; at < length; at++) ((u8 *)to)[at] = ((const u8 *)from)[at];
}

static int same(const void *a, const void *b, long length) {
  for (long at = 0; at < length; at++)
    if (((const u8 *)a)[at] != ((const u8 *)b)[at]) return 0;
  return 1;
}

static u8 lower(u8 c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
static long size_of(struct text text) { return text.end - text.at; }
static int same_text(struct text a, struct text b) { return size_of(a) == size_of(b) && same(a.at, b.at, size_of(a)); }

/* What stands before a separator, or all; the rest is what follows it. */
static struct text take(struct text *rest, char separator) {
  struct text taken = *rest;
  while (rest->at < rest->end && *rest->at != separator) rest->at++;
  taken.end = rest->at;
  if (rest->at < rest->end) rest->at++;
  return taken;
}

/* Addresses are 16 bytes; of IPv4 they are ::ffff:a.b.c.d. */
static const u8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255};
static int is_ipv4(const u8 *address) { return same(address, mapped, sizeof mapped); }

static int hex(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int parse_ipv4(struct text text, u8 *address) {
  copy(address, mapped, sizeof mapped);
  for (int part = 0; part < 4; part++) {
    struct text digits = take(&text, '.');
    int value = 0;
    if (size_of(digits) < 1 || size_of(digits) > 3) return 0;
    for (; digits.at < digits.end; digits.at++) {
      if (*digits.at < '0' || *digits.at > '9') return 0;
      value = value * 10 + *digits.at - '0';
    }
    if (value > 255) return 0;
    address[12 + part] = value;
  }
  return text.at == text.end;
}

static int parse_ipv6(struct text text, u8 *address) {
  u16 groups[8];
  int count = 0, gap = -1;
  if (size_of(text) >= 2 && text.at[0] == ':' && text.at[1] == ':') gap = 0, text.at += 2;
  while (text.at < text.end) {
    int value = 0, digits = 0;
    for (; text.at < text.end && hex(*text.at) >= 0 && digits < 5; text.at++, digits++) value = value << 4 | hex(*text.at);
    if (digits < 1 || digits > 4 || count == 8) return 0;
    groups[count++] = value;
    if (text.at == text.end) break;
    if (*text.at++ != ':' || text.at == text.end) return 0;
    if (*text.at == ':') {
      if (gap >= 0) return 0;
      gap = count, text.at++;
    }
  }
  if (gap < 0 ? count != 8 : count > 7) return 0;
  for (int group = 0; group < 8; group++) {
    int from = gap < 0 || group < gap ? group : group - (8 - count);
    u16 value = gap >= 0 && group >= gap && from < gap ? 0 : groups[from];
    address[2 * group] = value >> 8, address[2 * group + 1] = value;
  }
  return 1;
}

static int parse_address(struct text text, u8 *address) { return parse_ipv4(text, address) || parse_ipv6(text, address); }

/* Makes a socket's name of an address; returns its size. */
static int to_peer(struct peer *peer, const u8 *address, u32 scope, u16 port) {
  *peer = (struct peer){is_ipv4(address) ? AF_INET : AF_INET6, port, {0}, {0}, scope};
  copy(is_ipv4(address) ? peer->first : peer->address, is_ipv4(address) ? address + 12 : address, is_ipv4(address) ? 4 : 16);
  return is_ipv4(address) ? 16 : 28;
}

static void from_peer(const struct peer *peer, u8 *address) {
  copy(address, mapped, sizeof mapped);
  if (peer->family == AF_INET) copy(address + 12, peer->first, 4);
  else copy(address, peer->address, 16);
}
