// SPDX-License-Identifier: Apache-2.0
/* Asks for vifs as netback does, and tells how long it took until they were connected.
 *
 *   asker BACKENDS        asker /local/domain/0/backend/vif
 *
 * A line "DOMID COUNT" on stdin asks for device 0 of so many domains, which stand in another state
 * than 2: their states are written one after the other, and the answer is a line with the
 * nanoseconds from just before the first until all say "connected". Ends with 1 and a sentence when
 * one says "error", or nothing within a minute.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xenstore.h>

enum { path_size = 256, patience_ms = 60000 };

static const char* backends;
/* The second one's calls would take longer: libxenstore hands what it reads from one thread to
 * another as soon as a connection has a watch. */
static struct xs_handle *store, *watching;

static void fail(const char* what, const char* path) {
  fprintf(stderr, "asker: %s %s\n", what, path);
  exit(1);
}

static void node(char* path, unsigned domid, const char* name) {
  snprintf(path, path_size, "%s/%u/0/%s", backends, domid, name);
}

static bool is_connected(const char* path) {
  unsigned size;
  char* value = xs_read(store, XBT_NULL, path, &size);
  if (value && !strcmp(value, "error")) fail("refused is", path);
  const bool is = value && !strcmp(value, "connected");
  free(value);
  return is;
}

static void drain(void) {
  for (char** event; (event = xs_check_watch(watching));) free(event);
}

static void wait_until_connected(const char* path) {
  struct pollfd waiting = {xs_fileno(watching), POLLIN, 0};
  while (!is_connected(path)) {
    if (poll(&waiting, 1, patience_ms) < 1) fail("nobody connects", path);
    drain();
  }
}

static void watch(const char* path) {
  if (!xs_watch(watching, path, "")) fail("cannot watch", path);
}

/* The last is watched, which mostly is served last: a watch of each would be work for xenstored. */
static long ask(unsigned first, unsigned count) {
  char path[path_size];
  struct timespec start, end;
  node(path, first + count - 1, "hotplug-status");
  watch(path);
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (unsigned domid = first; domid < first + count; domid++) {
    node(path, domid, "state");
    if (!xs_write(store, XBT_NULL, path, "2", 1)) fail("cannot write", path);
  }
  for (unsigned domid = first + count; domid-- > first;) {
    node(path, domid, "hotplug-status");
    if (domid < first + count - 1 && !is_connected(path)) watch(path);
    wait_until_connected(path);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  for (unsigned domid = first; domid < first + count; domid++) {
    node(path, domid, "hotplug-status");
    xs_unwatch(watching, path, "");
  }
  drain();
  return (end.tv_sec - start.tv_sec) * 1000000000L + (end.tv_nsec - start.tv_nsec);
}

int main(int argc, char** argv) {
  unsigned first, count;
  if (argc != 2) fail("wanted the node of the backends, found", argc < 2 ? "nothing" : "more");
  backends = argv[1];
  store = xs_open(0);
  watching = xs_open(0);
  if (!store || !watching) fail("no xenstore for", backends);
  while (scanf("%u %u", &first, &count) == 2) {
    printf("%ld\n", ask(first, count));
    fflush(stdout);
  }
  return 0;
}
