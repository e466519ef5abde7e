// A library that keeps what it is given in a variable of its own.
#include <vector>

static std::vector<void *> g_kept;

extern "C" void keep(void *p) { g_kept.push_back(p); }
