// Stands in for systemd: binds the datagram socket that it is told (@ for an abstract name), prints
// "ready", then each datagram as one line.
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc != 2) return 2;
  size_t length = strlen(argv[1]);
  memcpy(address.sun_path, argv[1], length);
  if (argv[1][0] == '@') address.sun_path[0] = 0;
  int s = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (bind(s, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + length)) return 3;
  puts("ready");
  fflush(stdout);
  char text[256];
  for (ssize_t n; (n = recv(s, text, sizeof text, 0)) > 0;) {
    printf("%.*s\n", (int)n, text);
    fflush(stdout);
  }
  return 0;
}
