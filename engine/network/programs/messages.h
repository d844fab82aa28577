/* Questions, and what the networks themselves answer: RFC 1035, 3596 (IPv6), 6891 (EDNS). */
enum { A = 1, PTR = 12, AAAA = 28, OPT = 41, ANY = 255, IN = 1, FORMERR = 1, SERVFAIL = 2, NXDOMAIN = 3, NOTIMP = 4, REFUSED = 5, TRUNCATED = 2 };
enum { TTL = 600, FOUND = 512, KEPT = 1232 };

/* The reply stands behind room for the length that TCP puts before it. */
static u8 frame[2 + BUFFER], *const out = frame + 2, found[FOUND][16];
static long put;
static struct { char name[256]; int length, labels, type, class, end, room; } question;

static u16 chance(void) {
  u16 number = 0;
  CALL(getrandom, &number, sizeof number, 0, 0, 0, 0);
  return number;
}

static int word(const u8 *at) { return at[0] << 8 | at[1]; }
static void put_word(u8 *at, int value) { at[0] = value >> 8, at[1] = value; }

static int read_question(const u8 *packet, long length) {
  long at = 12;
  question.length = question.labels = question.room = 0;
  for (int label; ; question.labels++) {
    if (at >= length) return 0;
    if ((label = packet[at++]) == 0) break;
    if (label > 63 || at + label > length || question.length + 1 + label > 254) return 0;
    if (question.length) question.name[question.length++] = '.';
    for (; label > 0; label--, at++) question.name[question.length++] = packet[at] == '.' ? 0 : lower(packet[at]);
  }
  if (at + 4 > length) return 0;
  question.type = word(packet + at), question.class = word(packet + at + 2), question.end = at + 4;
  int extended = word(packet + 6) == 0 && word(packet + 8) == 0 && word(packet + 10) > 0 && at + 15 <= length;
  if (extended && packet[at + 4] == 0 && word(packet + at + 5) == OPT) question.room = word(packet + at + 7);
  return 1;
}

/* Without the question when it could not be read. */
static long begin_reply(const u8 *packet, int code, int end) {
  copy(out, packet, end);
  out[2] = 0x80 | (packet[2] & 0x79);
  out[3] = 0x80 | (packet[3] & 0x10) | code;
  for (int at = 4; at < 12; at++) out[at] = 0;
  out[5] = end > 12;
  return put = end;
}

static long end_reply(void) {
  if (question.room == 0) return put;
  static const u8 option[11] = {0, 0, OPT, KEPT >> 8, KEPT & 255, 0, 0, 0, 0, 0, 0};
  copy(out + put, option, sizeof option);
  out[11] = 1;
  return put += sizeof option;
}

static long fail(const u8 *packet, int code) {
  begin_reply(packet, code, question.end);
  return end_reply();
}

static void add_record(int type, const u8 *data, int length, long limit) {
  if (put + 12 + length + 11 > limit) {
    out[2] |= TRUNCATED;
    return;
  }
  u8 head[12] = {0xc0, 12, 0, type, 0, IN, 0, 0, TTL >> 8, TTL & 255, length >> 8, length};
  copy(out + put, head, sizeof head);
  copy(out + put + 12, data, length);
  put += 12 + length;
  put_word(out + 6, word(out + 6) + 1);
}

/* The addresses that the name has on the first of the asker's networks that knows it, or -1. */
static int collect(void) {
  struct text name = {question.name, question.name + question.length}, listen;
  for (int each = 0; each < asker.count; each++) {
    struct endpoint endpoint;
    int count = 0, known = 0;
    for (struct text rest = endpoints_of(asker.networks[each], &listen); next_endpoint(&rest, &endpoint);) {
      int named = 0;
      while (!named && endpoint.names.at < endpoint.names.end) named = same_text(take(&endpoint.names, ','), name);
      known |= named;
      for (int family = 0; named && family < 2 && count < FOUND; family++)
        if (parse_address(endpoint.addresses[family], found[count]) &&
            (question.type == ANY || question.type == (is_ipv4(found[count]) ? A : AAAA)))
          count++;
    }
    if (known) return count;
  }
  return -1;
}

static int ends_with(struct text *name, const char *end, int length) {
  if (size_of(*name) <= length || !same(name->end - length, end, length)) return 0;
  name->end -= length;
  return 1;
}

static int reverse_of(u8 *address) {
  struct text name = {question.name, question.name + question.length};
  if (ends_with(&name, ".in-addr.arpa", 13)) {
    u8 reversed[16];
    if (!parse_ipv4(name, reversed)) return 0;
    copy(address, mapped, sizeof mapped);
    for (int part = 0; part < 4; part++) address[12 + part] = reversed[15 - part];
    return 1;
  }
  if (!ends_with(&name, ".ip6.arpa", 9) || size_of(name) != 63) return 0;
  for (int digit = 31; digit >= 0; digit--) {
    int value = hex(name.at[2 * digit]);
    if (value < 0 || (digit < 31 && name.at[2 * digit + 1] != '.')) return 0;
    address[15 - digit / 2] = digit & 1 ? value << 4 : address[15 - digit / 2] | value;
  }
  return 1;
}

/* The name of an endpoint, with its network's behind it: those stand in the second half, in the same order. */
static int name_of(struct text names, u8 *data) {
  int count = 0, at = 0, length = 0;
  struct text first = {0, 0}, rest = names;
  for (; rest.at < rest.end; count++) {
    struct text name = take(&rest, ',');
    if (count == 0) first = name;
  }
  for (rest = names; rest.at < rest.end; at++) {
    struct text name = take(&rest, ',');
    if (at == count / 2 && size_of(name) > size_of(first) && same(name.at, first.at, size_of(first))) first = name;
  }
  if (size_of(first) < 1 || size_of(first) > 253) return 0;
  while (first.at < first.end) {
    struct text label = take(&first, '.');
    if (size_of(label) < 1 || size_of(label) > 63) return 0;
    data[length++] = size_of(label);
    copy(data + length, label.at, size_of(label));
    length += size_of(label);
  }
  data[length++] = 0;
  return length;
}

/* What the networks know themselves; 0 when it is to be asked elsewhere. */
static long answer(const u8 *packet, long limit) {
  u8 address[16], data[256];
  struct endpoint endpoint;
  struct text listen;
  if (question.class != IN) return 0;
  if (question.type == PTR && reverse_of(address))
    for (int each = 0; each < asker.count; each++)
      for (struct text rest = endpoints_of(asker.networks[each], &listen); next_endpoint(&rest, &endpoint);) {
        int length = has_address(&endpoint, address) ? name_of(endpoint.names, data) : 0;
        if (length == 0) continue;
        begin_reply(packet, 0, question.end);
        add_record(PTR, data, length, limit);
        return end_reply();
      }
  int count = collect();
  /* The outside is asked for what no container is called, as by docker: with a dot or without. Whoever may not ask it is
     told at once that a name without a dot, which can only be a container's, is nobody's. */
  int only_here = !asker.forwards && question.labels == 1 && (question.type == A || question.type == AAAA);
  if (count < 0) return only_here ? fail(packet, NXDOMAIN) : 0;
  begin_reply(packet, 0, question.end);
  out[2] |= 4; /* authoritative */
  int first = count > 1 ? chance() % count : 0;
  for (int each = 0; each < count; each++) {
    const u8 *next = found[(first + each) % count];
    if (is_ipv4(next)) add_record(A, next + 12, 4, limit);
    else add_record(AAAA, next, 16, limit);
  }
  return end_reply();
}

/* The length of the reply to a message; 0 for none, -1 when it is to be asked elsewhere. */
static long respond(const u8 *packet, long length, const u8 *source, int home, int stream) {
  if (length < 12 || packet[2] & 0x80) return 0;
  if (packet[2] & 0x78) return begin_reply(packet, NOTIMP, 12);
  if (word(packet + 4) != 1 || !read_question(packet, length)) return begin_reply(packet, FORMERR, 12);
  identify(source, home);
  long limit = stream ? 65535 : question.room > 4096 ? 4096 : question.room > 512 ? question.room : 512;
  long replied = answer(packet, limit);
  if (replied) return replied;
  return asker.forwards ? -1 : fail(packet, SERVFAIL);
}
