// A library that loses objects of its own class.
namespace plugin {
struct Reply {
  long bytes[5] = {1, 2, 3, 4, 5};
  virtual ~Reply() {}
};
}  // namespace plugin

static plugin::Reply *volatile lost;

extern "C" void grow() {
  for (int i = 0; i < 2000; i++) {
    lost = new plugin::Reply();
  }
}
