// SPDX-License-Identifier: Apache-2.0
/* send_frames LINK: sends the Ethernet frames that come in on standard input, each a line of hex
 * digits, as they are. Ends with 1 at the first that is no frame or does not go out. */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ethertype_all = 0x0003 };

static int open_link(const char* name) {
  int wire = socket(AF_PACKET, SOCK_RAW, 0);
  struct sockaddr_ll place = {.sll_family = AF_PACKET,
                              .sll_protocol = htons(ethertype_all),
                              .sll_ifindex = (int)if_nametoindex(name)};
  if (wire < 0 || place.sll_ifindex == 0) return -1;
  if (bind(wire, (struct sockaddr*)&place, sizeof place) < 0) return -1;
  return wire;
}

/* How many bytes the line has; 0 when it is no hex. */
static size_t read_hex(const char* line, unsigned char* bytes, size_t room) {
  size_t count = 0;
  unsigned value;
  for (; *line != '\n' && *line != '\0'; line += 2) {
    if (count == room || sscanf(line, "%2x", &value) != 1) return 0;
    bytes[count++] = (unsigned char)value;
  }
  return count;
}

int main(int argc, char** argv) {
  char line[8192];
  unsigned char frame[4096];
  int number = 0, wire = argc == 2 ? open_link(argv[1]) : -1;
  if (wire < 0) {
    perror("send_frames: wanted a link");
    return 1;
  }
  while (fgets(line, sizeof line, stdin) != NULL) {
    size_t size = read_hex(line, frame, sizeof frame);
    number++;
    if (size == 0 || write(wire, frame, size) != (ssize_t)size) {
      fprintf(stderr, "send_frames: line %d does not go out", number);
      perror("");
      return 1;
    }
  }
  printf("%d frames sent\n", number);
  return 0;
}
