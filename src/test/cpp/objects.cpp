// Objects whose symbols and memory are known.
// Prints "ready ADDRESS_OF_GLOBAL ADDRESS_OF_FUNCTION VPTR_OF_LEASE", ends with its standard input.
#include <cstdio>
#include <cstdint>
#include <vector>

namespace topology {
struct Resource {
  virtual ~Resource() {}
  virtual int kind() const { return 1; }
};
struct Lease : Resource {
  long id = 7;
  int kind() const override { return 2; }
};
std::vector<Lease *> g_leases;
int renew(const Lease &lease) { return lease.kind() + static_cast<int>(lease.id); }
}  // namespace topology

int main() {
  auto *lease = new topology::Lease();
  topology::g_leases.push_back(lease);
  printf("ready %p %p %p\n", static_cast<void *>(&topology::g_leases),
         reinterpret_cast<void *>(&topology::renew), *reinterpret_cast<void **>(lease));
  fflush(stdout);
  while (getchar() != EOF) {
  }
  return topology::renew(*lease) == 0;
}
