/* Says "ready" before it has asked malloc for anything; for each line it is sent it takes 1000 blocks
 * more and says "grown". */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char *line) {
  if (write(1, line, strlen(line)) < 0) _exit(1);
}

int main(void) {
  char c;
  say("ready\n");
  while (read(0, &c, 1) == 1) {
    if (c != '\n') continue;
    for (int i = 0; i < 1000; i++) memset(malloc(500), 7, 500);
    say("grown\n");
  }
}
