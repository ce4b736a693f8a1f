// SPDX-License-Identifier: Apache-2.0
/* The floor that vif-chain is measured against: what one vif event costs in C by hand, with nothing
 * but libnl, libxenstore and a chain that is known beforehand.
 *
 *   bare online|offline type_if=vif       in libxl's environment (XENBUS_PATH, vif)
 *   bare serve BACKENDS                   the floor of vifchaind: stays, with open connections, and
 *                                         connects what comes into state 2 below this node
 *
 * It asks the kernel and xenstore what vif-chain asks, in as few calls as can be, takes the same
 * locks, makes the same changes, reads them back, and leaves one line in syslog. It knows no TOML,
 * no planner and no undo: where the chain does not stand it fails. The chains are lines of
 * /etc/xen/bare.chains, first the bridge: "xenbr2 *eth0@bond1 bond1 bond1.2@xenbr2 xenbr2", where
 * "@" names the link's controller and "*" a link that nobody locks.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <xenstore.h>

enum { most_links = 16, most_requests = 32, datagram_size = 16384, datagrams = 8 };

static const unsigned char vif_mac[6] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};

struct link {
  char name[IFNAMSIZ], controller[IFNAMSIZ];
  bool locked;
  int index, master;
  unsigned mtu;
  bool up, found;
  int addr_gen, addresses;
  unsigned char mac[6];
};

static const char *vif, *backend, *script;
static struct link links[most_links];
static int link_count;
static int locks[most_links], lock_count;
static struct xs_handle* store;

/* --- saying so -------------------------------------------------------------------------------- */

static void log_line(const char* text) {
  char line[1200];
  int size =
      snprintf(line, sizeof line, "<%d>bare[%d]: %s: %s", 3 << 3 | 7, getpid(), script, text);
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sendto(fd, line, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr*)&address,
         sizeof address);
  close(fd);
}

static void store_write(const char* path, const char* value) {
  if (!xs_write(store, XBT_NULL, path, value, (unsigned)strlen(value))) log_line("no xs_write");
}

static void fail(const char* format, ...) {
  char text[1000], path[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  log_line(text);
  if (!store) store = xs_open(0);
  if (!store || !backend) exit(1);
  snprintf(path, sizeof path, "%s/hotplug-error", backend);
  store_write(path, text);
  snprintf(path, sizeof path, "%s/hotplug-status", backend);
  store_write(path, "error");
  exit(1);
}

/* --- the run's own time ----------------------------------------------------------------------- */

static void on_signal(int number) {
  (void)number;
}

static void arm_deadline(void) {
  const int numbers[] = {SIGALRM, SIGTERM, SIGINT, SIGHUP};
  struct sigaction action = {.sa_handler = on_signal};
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < 4; i++) {
    sigaction(numbers[i], &action, NULL);
    sigaddset(&set, numbers[i]);
  }
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  struct itimerval limit = {{0, 50000}, {30, 0}};
  setitimer(ITIMER_REAL, &limit, NULL);
}

/* --- who it is about -------------------------------------------------------------------------- */

/* The vif's present name: sysfs knows it, unless the vif has no xenbus device. */
static void find_vif(unsigned domid, unsigned devid) {
  char path[128];
  size_t size = (size_t)snprintf(path, sizeof path, "/sys/bus/xen-backend/devices/vif-%u-%u/net",
                                 domid, devid);
  snprintf(path + size, sizeof path - size, "/%s", vif);
  if (access(path, F_OK) == 0) return;
  path[size] = 0;
  DIR* folder = opendir(path);
  if (!folder) return;
  for (struct dirent* entry; (entry = readdir(folder));)
    if (entry->d_name[0] != '.') vif = strdup(entry->d_name);
  closedir(folder);
}

static void refuse_hooks(void) {
  DIR* folder = opendir("/etc/xen/scripts/vif-post.d");
  if (!folder) return;
  fail("there are hooks");
}

static struct link* add_link(const char* word, const char* end) {
  struct link* it = &links[link_count++];
  it->locked = *word != '*';
  if (!it->locked) word++;
  const char* at = memchr(word, '@', (size_t)(end - word));
  memcpy(it->name, word, (size_t)((at ? at : end) - word));
  if (at) memcpy(it->controller, at + 1, (size_t)(end - at - 1));
  return it;
}

static void read_chain(const char* bridge) {
  int fd = open("/etc/xen/bare.chains", O_RDONLY | O_CLOEXEC);
  struct stat file;
  if (fd < 0 || fstat(fd, &file)) fail("no /etc/xen/bare.chains");
  char* text = malloc((size_t)file.st_size + 1);
  ssize_t size = read(fd, text, (size_t)file.st_size);
  close(fd);
  text[size > 0 ? size : 0] = 0;
  size_t length = strlen(bridge);
  for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
    if (strncmp(line, bridge, length) || line[length] != ' ') continue;
    for (char *word = line + length + 1, *stop; word <= end; word = stop + 1) {
      stop = word + strcspn(word, " \n");
      add_link(word, stop);
    }
    return free(text);
  }
  fail("Could not find bridge device %s", bridge);
}

static int by_name(const void* a, const void* b) {
  return strcmp((*(struct link* const*)a)->name, (*(struct link* const*)b)->name);
}

static void lock_chain(void) {
  struct link* sorted[most_links];
  int count = 0;
  for (int i = 0; i < link_count; i++)
    if (links[i].locked) sorted[count++] = &links[i];
  qsort(sorted, (size_t)count, sizeof *sorted, by_name);
  for (int i = 0; i < count; i++) {
    char path[64];
    snprintf(path, sizeof path, "/run/vifchain/locks/%s.lock", sorted[i]->name);
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 && errno == ENOENT) {
      mkdir("/run/vifchain", 0700);
      mkdir("/run/vifchain/locks", 0700);
      fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    }
    if (fd < 0 || flock(fd, LOCK_SH)) fail("no lock %s", path);
    locks[lock_count++] = fd;
  }
}

static void unlock_chain(void) {
  while (lock_count > 0) close(locks[--lock_count]);
}

/* --- the kernel ------------------------------------------------------------------------------- */

static struct nl_sock* netlink;
static struct nl_msg* requests[most_requests];
static int request_count;
static unsigned sequence = 1;

static void open_kernel(void) {
  const int one = 1, receive = 2 << 20, send = 256 << 10;
  netlink = nl_socket_alloc();
  if (!netlink || nl_connect(netlink, NETLINK_ROUTE)) fail("no netlink socket");
  int fd = nl_socket_get_fd(netlink);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &send, sizeof send);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive, sizeof receive);
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one);
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);
  setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof one);
}

static struct nl_msg* request(int type, int flags, void* body, size_t size) {
  struct nl_msg* message = nlmsg_alloc_size(256);
  nlmsg_put(message, NL_AUTO_PORT, 0, type, 0, flags);
  nlmsg_append(message, body, size, NLMSG_ALIGNTO);
  return requests[request_count++] = message;
}

static void ask_link(const char* name) {
  struct ifinfomsg body = {0};
  struct nl_msg* message = request(RTM_GETLINK, 0, &body, sizeof body);
  nla_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  nla_put_string(message, IFLA_IFNAME, name);
}

static void ask_addresses(int index) {
  struct ifaddrmsg body = {.ifa_index = (unsigned)index};
  request(RTM_GETADDR, NLM_F_DUMP, &body, sizeof body);
}

static struct nl_msg* change(int index, unsigned flags, unsigned mask) {
  struct ifinfomsg body = {.ifi_index = index, .ifi_flags = flags, .ifi_change = mask};
  return request(RTM_NEWLINK, NLM_F_ACK, &body, sizeof body);
}

static void change_addr_gen(int index, int mode) {
  struct nl_msg* message = change(index, 0, 0);
  struct nlattr* families = nla_nest_start(message, IFLA_AF_SPEC);
  struct nlattr* ipv6 = nla_nest_start(message, AF_INET6);
  nla_put_u8(message, IFLA_INET6_ADDR_GEN_MODE, (unsigned char)mode);
  nla_nest_end(message, ipv6);
  nla_nest_end(message, families);
}

static struct link* link_called(const char* name) {
  for (int i = 0; i < link_count; i++)
    if (!strcmp(links[i].name, name)) return &links[i];
  return NULL;
}

static struct link* link_at(int index) {
  for (int i = 0; i < link_count; i++)
    if (links[i].index == index) return &links[i];
  return NULL;
}

static void take_link(struct nlmsghdr* header) {
  const struct ifinfomsg* body = nlmsg_data(header);
  struct nlattr *attribute[IFLA_MAX + 1], *family;
  nlmsg_parse(header, sizeof *body, attribute, IFLA_MAX, NULL);
  struct link* it = link_called(nla_get_string(attribute[IFLA_IFNAME]));
  if (!it) return;
  it->found = true;
  it->index = body->ifi_index;
  it->up = body->ifi_flags & IFF_UP;
  it->mtu = nla_get_u32(attribute[IFLA_MTU]);
  it->master = attribute[IFLA_MASTER] ? (int)nla_get_u32(attribute[IFLA_MASTER]) : 0;
  if (attribute[IFLA_ADDRESS]) nla_memcpy(it->mac, attribute[IFLA_ADDRESS], sizeof it->mac);
  it->addr_gen = -1;
  if (!attribute[IFLA_AF_SPEC]) return;
  family = nla_find(nla_data(attribute[IFLA_AF_SPEC]), nla_len(attribute[IFLA_AF_SPEC]), AF_INET6);
  if (!family) return;
  family = nla_find(nla_data(family), nla_len(family), IFLA_INET6_ADDR_GEN_MODE);
  if (family) it->addr_gen = nla_get_u8(family);
}

static void take_address(struct nlmsghdr* header) {
  const struct ifaddrmsg* body = nlmsg_data(header);
  struct link* it = link_at((int)body->ifa_index);
  if (it && body->ifa_scope != RT_SCOPE_LINK) it->addresses++;
}

/* True when it was the last message of an answer. */
static bool take(struct nlmsghdr* header) {
  if (header->nlmsg_type == NLMSG_ERROR) {
    const struct nlmsgerr* answer = nlmsg_data(header);
    if (answer->error && answer->error != -ENODEV) fail("rtnetlink: %s", strerror(-answer->error));
    return true;
  }
  if (header->nlmsg_type == RTM_NEWLINK) take_link(header);
  if (header->nlmsg_type == RTM_NEWADDR) take_address(header);
  return header->nlmsg_type == NLMSG_DONE || !(header->nlmsg_flags & NLM_F_MULTI);
}

static char buffers[datagrams][datagram_size];

static int receive(int fd) {
  struct mmsghdr received[datagrams] = {0};
  struct iovec parts[datagrams];
  int finished = 0;
  for (int i = 0; i < datagrams; i++) {
    parts[i] = (struct iovec){buffers[i], datagram_size};
    received[i].msg_hdr.msg_iov = &parts[i];
    received[i].msg_hdr.msg_iovlen = 1;
  }
  int count = recvmmsg(fd, received, datagrams, MSG_DONTWAIT, NULL);
  if (count < 0) {
    struct pollfd waiting = {fd, POLLIN, 0};
    if (errno != EAGAIN || poll(&waiting, 1, 20000) < 1) fail("rtnetlink: %s", strerror(errno));
    return 0;
  }
  for (int i = 0; i < count; i++) {
    int left = (int)received[i].msg_len;
    for (struct nlmsghdr* header = parts[i].iov_base; nlmsg_ok(header, left);
         header = nlmsg_next(header, &left))
      finished += take(header);
  }
  return finished;
}

/* Sends all requests at once, and takes what comes until each is answered. */
static void exchange(void) {
  if (!request_count) return;
  struct iovec parts[most_requests];
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)request_count};
  int fd = nl_socket_get_fd(netlink), missing = request_count;
  for (int i = 0; i < request_count; i++) {
    struct nlmsghdr* header = nlmsg_hdr(requests[i]);
    header->nlmsg_seq = sequence++;
    header->nlmsg_flags |= NLM_F_REQUEST;
    parts[i] = (struct iovec){header, NLMSG_ALIGN(header->nlmsg_len)};
  }
  if (sendmsg(fd, &message, 0) < 0) fail("rtnetlink: %s", strerror(errno));
  while (missing > 0) missing -= receive(fd);
  for (int i = 0; i < request_count; i++) nlmsg_free(requests[i]);
  request_count = 0;
}

/* --- the event -------------------------------------------------------------------------------- */

static void expect_chain(void) {
  for (int i = 0; i < link_count - 1; i++) {
    const struct link* it = &links[i];
    const struct link* controller = *it->controller ? link_called(it->controller) : NULL;
    if (!it->found || !it->up) fail("%s is not there, or down", it->name);
    if (controller && it->master != controller->index) fail("%s is elsewhere", it->name);
  }
}

static void online(unsigned domid, unsigned devid) {
  char path[256], text[32];
  unsigned count;
  bool had_error = false, has_bridge = false;
  refuse_hooks();
  if (!store) store = xs_open(0);
  if (!store) fail("no xenstore");
  char** names = xs_directory(store, XBT_NULL, backend, &count);
  if (!names) fail("no directory %s", backend);
  for (unsigned i = 0; i < count; i++) {
    if (!strcmp(names[i], "hotplug-error")) had_error = true;
    if (!strcmp(names[i], "bridge")) has_bridge = true;
    if (!strcmp(names[i], "mtu") || !strcmp(names[i], "vlan") || !strcmp(names[i], "vifname"))
      fail("%s is not known here", names[i]);
  }
  snprintf(path, sizeof path, "%s/bridge", backend);
  char* bridge = has_bridge ? xs_read(store, XBT_NULL, path, &count) : NULL;
  if (!bridge) fail("no bridge");

  read_chain(bridge);
  lock_chain();
  if (!netlink) open_kernel();
  struct link* port = add_link(vif, vif + strlen(vif));
  for (int i = 0; i < link_count; i++) ask_link(links[i].name);
  exchange();
  expect_chain();
  if (!port->found) fail("no %s", vif);
  ask_addresses(port->index);
  exchange();

  const struct link* onto = link_called(bridge);
  if (port->addresses || memcmp(port->mac, vif_mac, sizeof vif_mac) || port->mtu != onto->mtu)
    fail("%s is not as netback made it", vif);
  if (port->addr_gen != IN6_ADDR_GEN_MODE_NONE)
    change_addr_gen(port->index, IN6_ADDR_GEN_MODE_NONE);
  if (port->master != onto->index)
    nla_put_u32(change(port->index, 0, 0), IFLA_MASTER, (unsigned)onto->index);
  if (!port->up) change(port->index, IFF_UP, IFF_UP);
  exchange();
  ask_link(vif);
  ask_addresses(port->index);
  exchange();
  if (!port->up || port->master != onto->index || port->addresses ||
      port->addr_gen != IN6_ADDR_GEN_MODE_NONE)
    fail("%s is not as it was told", vif);

  snprintf(path, sizeof path, "/local/domain/%u/device/vif/%u/mtu", domid, devid);
  snprintf(text, sizeof text, "%u", port->mtu);
  store_write(path, text);
  snprintf(path, sizeof path, "%s/hotplug-error", backend);
  if (had_error) xs_rm(store, XBT_NULL, path);
  snprintf(path, sizeof path, "%s/hotplug-status", backend);
  store_write(path, "connected");
}

static void offline(void) {
  open_kernel();
  struct link* port = add_link(vif, vif + strlen(vif));
  ask_link(vif);
  exchange();
  if (!port->found) return;
  if (port->up) change(port->index, 0, IFF_UP);
  if (port->master) nla_put_u32(change(port->index, 0, 0), IFLA_MASTER, 0);
  if (request_count) exchange();
}

/* --- staying ---------------------------------------------------------------------------------- */

static bool node_is(const char* node, const char* wanted) {
  char path[256];
  unsigned size;
  snprintf(path, sizeof path, "%s/%s", backend, node);
  char* value = xs_read(store, XBT_NULL, path, &size);
  const bool is = value && !strcmp(value, wanted);
  free(value);
  return is;
}

static bool is_ours(void) {
  char path[256];
  unsigned size;
  snprintf(path, sizeof path, "%s/script", backend);
  char* value = xs_read(store, XBT_NULL, path, &size);
  const char* name = value ? strrchr(value, '/') : NULL;
  const bool ours = name && !strcmp(name, "/vif-chain");
  free(value);
  return ours;
}

static void serve_one(unsigned domid, unsigned devid) {
  char name[32], folder[200], text[128];
  snprintf(name, sizeof name, "vif%u.%u", domid, devid);
  snprintf(folder, sizeof folder, "/local/domain/0/backend/vif/%u/%u", domid, devid);
  vif = name;
  backend = folder;
  const bool waits = node_is("state", "2"), connected = node_is("hotplug-status", "connected");
  const bool ours = is_ours(), wanted = !node_is("online", "0");
  if (!waits || connected || !ours || !wanted) return;
  link_count = 0;
  memset(links, 0, sizeof links);
  find_vif(domid, devid);
  online(domid, devid);
  unlock_chain();
  snprintf(text, sizeof text, "Successful bare online for %s.", vif);
  log_line(text);
}

/* Every change once, as the daemon takes all that has come before it begins. */
static void serve(const char* backends) {
  unsigned domid, devid;
  char node[32];
  struct xs_handle* watching = xs_open(0);
  store = xs_open(0);
  if (!watching || !store || !xs_watch(watching, backends, "")) fail("no xenstore");
  struct pollfd waiting = {xs_fileno(watching), POLLIN, 0};
  while (poll(&waiting, 1, -1) > 0)
    for (char** event; (event = xs_check_watch(watching)); free(event))
      if (strlen(event[XS_WATCH_PATH]) > strlen(backends) &&
          sscanf(event[XS_WATCH_PATH] + strlen(backends), "/%u/%u/%31s", &domid, &devid, node) ==
              3 &&
          (!strcmp(node, "state") || !strcmp(node, "hotplug-status") || !strcmp(node, "online")))
        serve_one(domid, devid);
}

int main(int argc, char** argv) {
  unsigned domid, devid;
  char text[128];
  backend = getenv("XENBUS_PATH");
  script = getenv("script") ? getenv("script") : argv[0];
  vif = getenv("vif");
  if (argc == 3 && !strcmp(argv[1], "serve")) serve(argv[2]);
  if (argc < 2 || !backend || !vif || sscanf(vif, "vif%u.%u", &domid, &devid) != 2)
    fail("wrong call");
  arm_deadline();
  find_vif(domid, devid);
  if (!strcmp(argv[1], "online"))
    online(domid, devid);
  else if (!strcmp(argv[1], "offline"))
    offline();
  else
    fail("wrong command %s", argv[1]);
  snprintf(text, sizeof text, "Successful bare %s for %s.", argv[1], vif);
  log_line(text);
  return 0;
}
