// A server with a metrics endpoint of its own. Every millisecond it serves requests that take memory:
// held ones for as long as their session lasts, and there are ever more sessions; leaked ones for
// ever, while the number of sessions stays.
//
// metrics_server prometheus|vars held|leaked BYTES_PER_REQUEST REQUESTS_PER_SECOND
#include <arpa/inet.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static atomic_long served, sessions, held_bytes;
static int vars;

static void answer(int client) {
  char request[4096];
  ssize_t length = read(client, request, sizeof request - 1);
  if (length <= 0) return;
  request[length] = 0;
  char body[2048], head[256];
  const char *type = "text/plain", *status = "200 OK";
  if (vars && strncmp(request, "GET /vars", 9) != 0) {
    status = "404 Not Found";
    strcpy(body, "Fail to find method\n");
  } else if (vars && !strstr(request, "curl/") && !strstr(request, "console=1")) {
    type = "text/html";
    sprintf(body, "<html><body>iobuf_block_memory : %ld</body></html>", (long)held_bytes);
  } else if (vars) {
    sprintf(body,
            "bthread_count : 5\r\nprocess_cmdline : \"./server\niobuf_block_memory : 1\n\"\r\n"
            "iobuf_block_count : %ld\r\niobuf_block_memory : %ld\r\n"
            "rpc_server_8200_service_echo_count : %ld\r\n"
            "rpc_server_8200_connection_count : 3\r\n",
            (long)held_bytes / 8192, (long)held_bytes, (long)served);
  } else {
    sprintf(body,
            "# HELP app_sessions Open sessions.\n# TYPE app_sessions gauge\napp_sessions %ld\n"
            "# HELP app_requests_total Requests.\n# TYPE app_requests_total counter\n"
            "app_requests_total{method=\"get\"} %ld\napp_requests_total{method=\"put\"} %ld\n",
            (long)sessions, (long)served / 2, (long)served - (long)served / 2);
  }
  sprintf(head, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", status, type,
          strlen(body));
  if (write(client, head, strlen(head)) < 0 || write(client, body, strlen(body)) < 0) return;
}

static void *serve(void *listener) {
  for (;;) {
    int client = accept(*(int *)listener, NULL, NULL);
    if (client >= 0) {
      answer(client);
      close(client);
    }
  }
  return NULL;
}

static void *end_with_input(void *unused) {
  char c;
  while (read(0, &c, 1) > 0) {
  }
  exit(0);
  return unused;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  vars = strcmp(argv[1], "vars") == 0;
  int leaks = strcmp(argv[2], "leaked") == 0;
  size_t bytes = strtoul(argv[3], NULL, 10);
  double rate = strtod(argv[4], NULL);
  static int listener;
  listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 16)) return 1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  pthread_t thread;
  pthread_create(&thread, NULL, serve, &listener);
  pthread_create(&thread, NULL, end_with_input, NULL);
  printf("port %d\n", ntohs(address.sin_port));
  fflush(stdout);

  size_t capacity = 1 << 22, count = 0;
  void **chunks = calloc(capacity, sizeof *chunks);
  struct timespec begin, now;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (;;) {
    clock_gettime(CLOCK_MONOTONIC, &now);
    double t = (now.tv_sec - begin.tv_sec) + (now.tv_nsec - begin.tv_nsec) / 1e9;
    long due = (long)(rate * t);
    size_t wanted = leaks ? 100 : (size_t)(rate * (t + 1.5 * (1 - cos(t))));
    while (served < due) {
      if (leaks) {
        memset(malloc(bytes), 1, bytes);
      }
      served++;
    }
    while (!leaks && count < wanted && count < capacity) {
      chunks[count] = malloc(bytes);
      memset(chunks[count++], 1, bytes);
    }
    while (!leaks && count > wanted) free(chunks[--count]);
    sessions = (long)wanted;
    held_bytes = leaks ? 8192 * (20 + (long)(5 * sin(t))) : (long)(count * bytes);
    struct timespec pause = {0, 1000000};
    nanosleep(&pause, NULL);
  }
}
