// Grows in one known way, 2,000 things for each line "grow" on its standard input; answers "grown N".
// usage: suspects KIND, with KIND one of lease, shared, table, map, list, strings, keys, deque,
// pointers, noise, messages, keytables, rpc, pool, churn. Prints "ready", ends with its standard input.
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace topology {
struct Resource {
  virtual ~Resource() {}
  virtual int kind() const { return 1; }
};
struct Lease : Resource {
  int64_t id;
  char name[40];
  explicit Lease(int64_t n) : id(n) { snprintf(name, sizeof name, "lease-%ld", (long)n); }
  int kind() const override { return 2; }
};
struct Session {
  int64_t id = 1;
  virtual ~Session() {}
};
}  // namespace topology

std::unordered_map<uint64_t, uint64_t> g_sessions;
std::unordered_map<std::string, int> g_names;
std::map<int, topology::Lease> g_leases;
std::list<std::string> g_list;
std::vector<std::string> g_keys;
std::deque<int64_t> g_chunks;
std::vector<std::shared_ptr<topology::Session>> g_shared;
std::vector<std::vector<topology::Lease *>> g_vectors;
static char *volatile lost;

// brpc's table of bthread-specific data: a new one for each request, though pooled ones exist.
struct KeyTable {
  KeyTable *next = nullptr;
  void *subs[31] = {};
};
static KeyTable *g_tables;

// Eight workers, each with an arena of its own, of which each loses one request at a time.
static void rpc() {
  static std::vector<std::thread> workers;
  static std::atomic<long> asked{0}, done{0};
  if (workers.empty()) {
    for (int w = 0; w < 8; w++) {
      workers.emplace_back([w] {
        for (long served = 0;; served++) {
          while (asked.load() <= served) usleep(100);
          auto *request = static_cast<char *>(malloc(256));
          snprintf(request, 256, "request-%d-%ld", w, served);
          done++;
        }
      });
      workers.back().detach();
    }
  }
  long before = done.load();
  asked++;
  while (done.load() < before + 8) usleep(50);
}

// Blocks that a pool never gives back: taken once, then used again and again.
static void pool(long n) {
  static std::vector<char *> blocks;
  if (blocks.size() < 1000) blocks.push_back(static_cast<char *>(calloc(1, 8192)));
  blocks[n % blocks.size()][0] = static_cast<char>(n);
}

// As many go as come.
static void churn(long n) {
  static std::deque<char *> living;
  char *text = static_cast<char *>(malloc(40 + n % 7 * 16));
  snprintf(text, 40, "message %ld", n);
  living.push_back(text);
  if (living.size() > 900) {
    free(living.front());
    living.pop_front();
  }
}

static void grow(const std::string &kind, long n) {
  if (kind == "lease") {
    lost = reinterpret_cast<char *>(new topology::Lease(n));
  } else if (kind == "shared") {
    g_shared.push_back(std::make_shared<topology::Session>());
  } else if (kind == "table") {
    g_sessions[n * 7919] = n;
  } else if (kind == "names") {
    g_names["volume-" + std::to_string(n)] = static_cast<int>(n);
  } else if (kind == "map") {
    g_leases.emplace(n, topology::Lease(n));
  } else if (kind == "list") {
    g_list.push_back("entry-" + std::to_string(n));
  } else if (kind == "strings") {
    g_keys.push_back("session-" + std::to_string(100000000000 + n) + "-token");
  } else if (kind == "keys") {  // a C string per listed item, as the etcd client's List left them
    char key[64];
    snprintf(key, sizeof key, "/mds/segment/%012ld", n);
    lost = strdup(key);
  } else if (kind == "deque") {  // eight bytes per write, which nobody drains
    for (int i = 0; i < 64; i++) {
      g_chunks.push_back(n * 64 + i);
    }
  } else if (kind == "pointers") {
    static auto *lease = new topology::Lease(1);
    g_vectors.emplace_back(32, lease);
  } else if (kind == "noise") {
    auto *bytes = static_cast<uint64_t *>(malloc(1000));
    static uint64_t x = 88172645463325252ull;
    for (int i = 0; i < 125; i++) {
      x ^= x << 13, x ^= x >> 7, x ^= x << 17;
      bytes[i] = x;
    }
    lost = reinterpret_cast<char *>(bytes);
  } else if (kind == "keytables") {
    auto *made = new KeyTable();
    made->next = g_tables;
    g_tables = made;
  } else if (kind == "rpc") {
    if (n % 16 == 0) rpc();
  } else if (kind == "pool") {
    pool(n);
  } else if (kind == "churn") {
    churn(n);
  } else if (kind == "messages") {
    auto *bytes = static_cast<unsigned char *>(calloc(1, 72));
    unsigned char *p = bytes;
    *p++ = 0x08, *p++ = static_cast<unsigned char>(n & 127);
    *p++ = 0x12, *p++ = 20;
    memcpy(p, "some name of a thing", 20), p += 20;
    *p++ = 0x18, *p++ = 1;
    *p++ = 0x21, memcpy(p, &n, 8), p += 8;
    *p++ = 0x2d, p += 4;
    *p++ = 0x32, *p++ = 8;
    memcpy(p, "\x08\x01\x10\x02\x18\x03\x20\x04", 8);
    lost = reinterpret_cast<char *>(bytes);
  }
}

int main(int argc, char **argv) {
  std::string kind = argc > 1 ? argv[1] : "lease";
  long n = 0;
  char line[64];
  for (int i = 0; i < 1000; i++) {
    grow(kind, n++);
  }
  printf("ready\n");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != nullptr) {
    for (int i = 0; i < 2000; i++) {
      grow(kind, n++);
    }
    printf("grown %ld\n", n);
    fflush(stdout);
  }
  return 0;
}
