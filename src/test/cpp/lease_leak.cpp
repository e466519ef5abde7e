// Loses C++ objects with a virtual table, beside a ballast of ordinary memory.
//
// lease_leak OBJECTS_PER_SECOND BALLAST_MEGABYTES
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace topology {

class Lease {
 public:
  explicit Lease(long id) : id_(id) { std::snprintf(owner_, sizeof owner_, "client-%ld.rack7", id); }
  virtual ~Lease() = default;
  virtual long remaining() const { return id_; }

 private:
  long id_;
  char owner_[232];
};

}  // namespace topology

static volatile long sink;

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  double rate = std::atof(argv[1]);
  std::vector<std::string> ballast;
  for (long i = 0; i < std::atol(argv[2]) * 1024; i++) {
    ballast.emplace_back(1000, static_cast<char>('a' + i % 26));
  }
  std::thread([] {
    while (std::getchar() != EOF) {
    }
    std::_Exit(0);
  }).detach();
  std::puts("ready");
  std::fflush(stdout);
  auto begin = std::chrono::steady_clock::now();
  for (long made = 0;;) {
    std::chrono::duration<double> t = std::chrono::steady_clock::now() - begin;
    for (long due = static_cast<long>(rate * t.count()); made < due; made++) {
      auto* lease = new topology::Lease(made);
      sink = lease->remaining();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}
