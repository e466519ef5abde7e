// A server of MEGABYTES of 100-byte chunks that measures its own loop: a request allocates, touches
// and frees. Prints "ready"; for each line on its standard input the 50th and 99th percentile and the
// longest request since the last one, in nanoseconds, and its resident kilobytes.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

static std::vector<long> latencies;
static std::mutex guard;

static void serve(std::vector<char *> *objects) {
  unsigned x = 12345;
  for (;;) {
    auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 64; i++) {
      x = x * 1664525 + 1013904223;
      char *&object = (*objects)[x % objects->size()];
      free(object);
      object = static_cast<char *>(malloc(92));
      memset(object, 'x', 92);
    }
    long took = std::chrono::duration_cast<std::chrono::nanoseconds>(
                    std::chrono::steady_clock::now() - begin).count();
    std::lock_guard<std::mutex> lock(guard);
    latencies.push_back(took);
  }
}

int main(int argc, char **argv) {
  long megabytes = argc > 1 ? atol(argv[1]) : 64;
  std::vector<char *> objects(megabytes * 1024 * 1024 / 112);
  for (char *&object : objects) {
    object = static_cast<char *>(malloc(92));
    memset(object, 'x', 92);
  }
  std::thread(serve, &objects).detach();
  printf("ready\n");
  fflush(stdout);
  char line[64];
  while (fgets(line, sizeof line, stdin) != nullptr) {
    std::vector<long> seen;
    {
      std::lock_guard<std::mutex> lock(guard);
      seen.swap(latencies);
    }
    std::sort(seen.begin(), seen.end());
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word && word != "VmRSS:") {
    }
    status >> word;
    printf("%ld %ld %ld %s\n", seen[seen.size() / 2], seen[seen.size() * 99 / 100], seen.back(),
           word.c_str());
    fflush(stdout);
  }
  quick_exit(0);
}
