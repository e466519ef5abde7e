// Objects whose holder is known. usage: holders MODE COUNT [LIBRARY]. Prints "suspect ADDRESS
// CHUNK-BYTES GROUP" for each and "ready"; answers "ticks" with how often its worker has run, and frees every other object at
// "free".
// Addresses are kept complemented and printed at the end, so that notes of them hold nothing.
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
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

namespace {
const int kNotes = 1 << 16;
uintptr_t g_notes[kNotes];
int g_noteGroup[kNotes];
int g_noteCount;
int g_group = -1;
size_t g_from, g_to;
std::atomic<long> g_ticks;

void note(void *p) {
  if (g_noteCount < kNotes) {
    g_noteGroup[g_noteCount] = g_group;
    g_notes[g_noteCount++] = ~reinterpret_cast<uintptr_t>(p);
  }
}

void noteFrom(int group, size_t from, size_t to) {
  g_group = group;
  g_from = from;
  g_to = to;
}
}  // namespace

void *operator new(size_t size) {
  void *p = malloc(size);
  if (g_group >= 0 && size >= g_from && size <= g_to) note(p);
  return p;
}
void operator delete(void *p) noexcept { free(p); }
void operator delete(void *p, size_t) noexcept { free(p); }

struct Lease {
  virtual ~Lease() = default;
  long serial = 7;
  char owner[72] = "owner";
};

struct Session {
  long a = 1, b = 2, c = 3, d = 4, e = 5, f = 6;
};

struct Registry {
  long version = 3;
  std::vector<Lease *> leases;
  char more[200];
};

struct Half {
  std::shared_ptr<Half> other;
  char more[64];
};

struct Link {
  Link *next;
  long more[6];
};

struct Holder {
  std::vector<Lease *> items;
};

std::unordered_map<long, Session> g_sessions;
std::map<long, Session> g_tree;
std::list<Session> g_list;
std::deque<long> g_queue;
std::vector<Lease *> g_leases;
Registry *g_registry;
std::list<Session> *g_listed;
Link *volatile g_newest;
thread_local std::vector<Lease *> t_leases;

__attribute__((noinline)) Holder &instance() {
  static std::unique_ptr<Holder> only(new Holder);
  return *only;
}

// Overwrites what calls before have left on the stack.
__attribute__((noinline)) void wipe() {
  volatile char scratch[64 << 10];
  for (size_t i = 0; i < sizeof scratch; i++) scratch[i] = 0;
}

__attribute__((noinline)) void lose(int count) {
  for (int i = 0; i < count; i++) {
    auto *lease = new Lease;
    asm volatile("" : : "r"(lease) : "memory");
  }
}

__attribute__((noinline)) void fill(std::vector<Lease *> &into, int count) {
  into.reserve(count);
  for (int i = 0; i < count; i++) into.push_back(new Lease);
}

__attribute__((noinline)) void fillSessions(int count) {
  for (long i = 0; i < count; i++) g_sessions[i * 7919] = Session();
}

__attribute__((noinline)) void fillTree(int count) {
  for (long i = 0; i < count; i++) g_tree[(i * 7919) % 1000003] = Session();
}

__attribute__((noinline)) void fillList(std::list<Session> &into, int count) {
  for (int i = 0; i < count; i++) into.emplace_back();
}

__attribute__((noinline)) void loseList(int count) {
  int group = g_group;
  g_group = -1;
  auto *list = new std::list<Session>;
  g_group = group;
  fillList(*list, count);
}

__attribute__((noinline)) void loseCycles(int count) {
  for (int i = 0; i < count; i++) {
    auto a = std::make_shared<Half>(), b = std::make_shared<Half>();
    a->other = b;
    b->other = a;
  }
}

// Leaves the addresses of lost objects in freed chunks of several sizes and on the dead stack.
__attribute__((noinline)) void leaveStale(int count) {
  Lease *volatile local[200];
  auto *copy = new std::vector<Lease *>;
  std::list<Lease *> nodes;
  for (int i = 0; i < count; i++) {
    auto *lease = new Lease;
    local[i % 200] = lease;
    copy->push_back(lease);
    nodes.push_back(lease);
  }
  delete copy;
}

static int g_count;
static pthread_barrier_t g_filled;

static void *holdOnStack(void *) {
  std::vector<Lease *> held;
  fill(held, g_count);
  pthread_setname_np(pthread_self(), "stack-holder");
  pthread_barrier_wait(&g_filled);
  while (held.size() > 0) usleep(1000);
  return nullptr;
}

static void *holdInThreadLocal(void *) {
  fill(t_leases, g_count);
  pthread_setname_np(pthread_self(), "local-holder");
  pthread_barrier_wait(&g_filled);
  for (;;) pause();
}

static void *fillFromThread(void *) {
  fill(g_leases, g_count);
  pthread_barrier_wait(&g_filled);
  for (;;) pause();
}

// Never stops putting links before those that are there.
static void *prepend(void *) {
  for (int i = 0;; i++) {
    auto *link = static_cast<Link *>(malloc(sizeof(Link)));
    link->next = g_newest;
    g_newest = link;
    if (i < g_count) note(link);
    if (i == g_count) pthread_barrier_wait(&g_filled);
    if (i > g_count && i % 16 == 0) usleep(50);
  }
}

static void *tick(void *) {
  for (;;) {
    g_ticks++;
    usleep(500);
  }
}

static void inThread(void *(*run)(void *)) {
  pthread_t thread;
  pthread_barrier_init(&g_filled, nullptr, 2);
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_barrier_wait(&g_filled);
}

__attribute__((noinline)) static void setUp(const std::string &mode, int count, const char *library) {
  g_count = count;
  noteFrom(0, sizeof(Lease), sizeof(Lease));
  if (mode == "lost") lose(count);
  if (mode == "vector" || mode == "freed") fill(g_leases, count);
  if (mode == "singleton") fill(instance().items, count);
  if (mode == "chain") fill((g_registry = new Registry)->leases, count);
  if (mode == "stale") leaveStale(count);
  if (mode == "stack") inThread(holdOnStack);
  if (mode == "local") inThread(holdInThreadLocal);
  if (mode == "main-local") fill(t_leases, count);
  if (mode == "arena") inThread(fillFromThread);
  noteFrom(0, sizeof(Session) + 16, sizeof(Session) + 48);
  if (mode == "sessions") fillSessions(count);
  if (mode == "tree") fillTree(count);
  if (mode == "list") fillList(g_list, count);
  if (mode == "listed") fillList(*(g_listed = new std::list<Session>), count);
  if (mode == "lost-list") loseList(count);
  if (mode == "both-lists") {
    loseList(count);
    g_group = 1;
    fillList(g_list, count);
  }
  noteFrom(0, sizeof(Half), sizeof(Half) + 32);
  if (mode == "cycles") loseCycles(count);
  if (mode == "deque") {
    noteFrom(0, 512, 512);
    for (long i = 0; i < 64L * count; i++) g_queue.push_back(i);
  }
  noteFrom(0, 1, 0);
  if (mode == "prepended") inThread(prepend);
  if (mode == "mmapped") {
    for (int i = 0; i < count; i++) {
      auto *big = static_cast<Lease *>(malloc(300 << 10));
      memset(static_cast<void *>(big), 1, 300 << 10);
      note(big);
      g_leases.push_back(big);
    }
  }
  if (mode == "library") {
    void *handle = dlopen(library, RTLD_NOW);
    auto keep = reinterpret_cast<void (*)(void *)>(dlsym(handle, "keep"));
    for (int i = 0; i < count; i++) {
      void *p = malloc(200);
      memset(p, 1, 200);
      note(p);
      keep(p);
    }
  }
  g_group = -1;
}

static void freeEveryOther() {
  for (size_t i = 0; i < g_leases.size(); i += 2) {
    delete g_leases[i];
    g_leases[i] = nullptr;
  }
}

int main(int argc, char **argv) {
  static char input[4096], output[1 << 16];  // Buffers in recycled memory would hold what was there.
  setvbuf(stdin, input, _IOFBF, sizeof input);
  setvbuf(stdout, output, _IOFBF, sizeof output);
  pthread_t ticker;
  pthread_create(&ticker, nullptr, tick, nullptr);
  setUp(argv[1], atoi(argv[2]), argc > 3 ? argv[3] : "");
  wipe();
  for (int i = 0; i < g_noteCount; i++) {
    uintptr_t address = ~g_notes[i];
    size_t bytes = *reinterpret_cast<size_t *>(address - 8) & ~size_t(7);
    printf("suspect 0x%lx %zu %d\n", static_cast<unsigned long>(address), bytes, g_noteGroup[i]);
  }
  printf("ready\n");
  fflush(stdout);
  wipe();
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    if (!strcmp(line, "free\n")) freeEveryOther();
    printf("ticks %ld\n", g_ticks.load());
    fflush(stdout);
  }
  return 0;
}
