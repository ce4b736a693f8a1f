// SPDX-License-Identifier: Apache-2.0
/* Lets an unmodified xenstored (the C one or oxenstored) serve its socket on a machine without
 * Xen. Preloaded, it stands in for what they ask of the hypervisor: libxenctrl, libxenevtchn and
 * libxengnttab as far as the two call them, with an event channel that never fires. Paths under
 * /var/run/xenstored and the two files of /proc/xen move to $SHIM_FOLDER, which must hold xsd_port
 * and xsd_kva. The first poll() of their main loop writes one byte to $SHIM_READY_FD, if it is set:
 * by then the socket listens.
 */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static const char *after(const char *prefix, const char *path) {
  size_t length = strlen(prefix);
  return path && strncmp(path, prefix, length) == 0 ? path + length : NULL;
}

/* path as it is, or its place under the folder, written to there. */
static const char *moved(const char *path, char *there, size_t size) {
  const char *folder = getenv("SHIM_FOLDER");
  const char *rest = after("/var/run/xenstored", path);
  if (!rest && after("/proc/xen/xsd_", path)) rest = path + strlen("/proc/xen");
  if (!folder || !rest) return path;
  snprintf(there, size, "%s%s", folder, rest);
  return there;
}

int open(const char *path, int flags, ...) {
  char there[PATH_MAX];
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return REAL(open)(moved(path, there, sizeof there), flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int mkdir(const char *path, mode_t mode) {
  char there[PATH_MAX];
  return REAL(mkdir)(moved(path, there, sizeof there), mode);
}

int unlink(const char *path) {
  char there[PATH_MAX];
  return REAL(unlink)(moved(path, there, sizeof there));
}

int bind(int fd, const struct sockaddr *address, socklen_t length) {
  struct sockaddr_un local = {.sun_family = AF_UNIX};
  const char *path = ((const struct sockaddr_un *)address)->sun_path;
  if (address->sa_family != AF_UNIX || !after("/var/run/xenstored", path))
    return REAL(bind)(fd, address, length);
  moved(path, local.sun_path, sizeof local.sun_path);
  return REAL(bind)(fd, (struct sockaddr *)&local, sizeof local);
}

int poll(struct pollfd *fds, nfds_t count, int timeout) {
  static int told;
  const char *ready = getenv("SHIM_READY_FD");
  if (ready && !told++) {
    int fd = atoi(ready);
    if (write(fd, "r", 1) == 1) close(fd);
  }
  return REAL(poll)(fds, count, timeout);
}

/* oxenstored wants a million descriptors, which a container may refuse. */
int setrlimit(__rlimit_resource_t resource, const struct rlimit *limits) {
  (void)resource, (void)limits;
  return 0;
}

/* libxenctrl: there are no domains but the one that asks. */
static int handle;
void *xc_interface_open(void *logger, void *dombuild_logger, unsigned flags) {
  (void)logger, (void)dombuild_logger, (void)flags;
  return &handle;
}
int xc_interface_close(void *xc) { return (void)xc, 0; }
int xc_domain_getinfo(void *xc, uint32_t first, unsigned max, void *info) {
  return (void)xc, (void)first, (void)max, (void)info, 0;
}
int xc_domain_getinfolist(void *xc, uint32_t first, unsigned max, void *info) {
  return (void)xc, (void)first, (void)max, (void)info, 0;
}

/* libxenevtchn: a channel on which nothing ever comes. */
void *xenevtchn_open(void *logger, unsigned flags) { return (void)logger, (void)flags, &handle; }
void *xenevtchn_fdopen(void *logger, int fd, unsigned flags) {
  return (void)logger, (void)fd, (void)flags, &handle;
}
int xenevtchn_close(void *xce) { return (void)xce, 0; }
int xenevtchn_fd(void *xce) {
  static int fd = -1;
  (void)xce;
  if (fd < 0) fd = eventfd(0, EFD_CLOEXEC);
  return fd;
}
int xenevtchn_bind_interdomain(void *xce, uint32_t domid, uint32_t port) {
  return (void)xce, (void)domid, (void)port, 1;
}
int xenevtchn_bind_virq(void *xce, unsigned virq) { return (void)xce, (void)virq, 2; }
int xenevtchn_notify(void *xce, uint32_t port) { return (void)xce, (void)port, 0; }
int xenevtchn_pending(void *xce) { return (void)xce, errno = EAGAIN, -1; }
int xenevtchn_unbind(void *xce, uint32_t port) { return (void)xce, (void)port, 0; }
int xenevtchn_unmask(void *xce, uint32_t port) { return (void)xce, (void)port, 0; }

/* libxengnttab: only an introduced domain would need it. */
void *xengnttab_open(void *logger, unsigned flags) { return (void)logger, (void)flags, &handle; }
int xengnttab_close(void *xgt) { return (void)xgt, 0; }
int xengnttab_set_max_grants(void *xgt, uint32_t count) { return (void)xgt, (void)count, 0; }
void *xengnttab_map_grant_ref(void *xgt, uint32_t domid, uint32_t ref, int protection) {
  (void)xgt, (void)domid, (void)ref, (void)protection;
  return calloc(1, 4096);
}
int xengnttab_unmap(void *xgt, void *start, uint32_t count) {
  return (void)xgt, (void)count, free(start), 0;
}
