// A server built as brpc's are: one thread waits for sockets, workers run each request on a stack of
// its own from mmap, bodies are chains of counted 8 KiB blocks of which each worker keeps some, and
// a client's session lives in a table until it is closed. Speaks HTTP with keep-alive on loopback.
//
//   /call    opens a session, works in it and closes it     /open    opens one and leaves it
//   /memory  tells sessions, blocks, stacks and mallinfo2
#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace rpc {

constexpr size_t kBlockBytes = 8192;
constexpr size_t kStackBytes = 256 << 10;
constexpr size_t kGuardBytes = 4096;
constexpr size_t kBlocksKept = 8;

std::atomic<long> blocks_alive{0};
std::atomic<long> stacks_alive{0};

struct Block {
  std::atomic<int> references{1};
  uint32_t used = 0;
  char data[kBlockBytes - 16];
};

thread_local std::vector<Block *> kept_blocks;

class IOBuf {
 public:
  IOBuf() = default;
  IOBuf(const IOBuf &) = delete;
  ~IOBuf() {
    for (Block *block : blocks_) release(block);
  }

  void append(const char *data, size_t bytes) {
    while (bytes > 0) {
      if (blocks_.empty() || blocks_.back()->used == sizeof(Block::data)) blocks_.push_back(take());
      Block *last = blocks_.back();
      size_t part = std::min(bytes, sizeof(Block::data) - last->used);
      memcpy(last->data + last->used, data, part);
      last->used += part;
      data += part;
      bytes -= part;
    }
  }

  bool send(int socket) const {
    for (const Block *block : blocks_) {
      for (size_t at = 0; at < block->used;) {
        ssize_t sent = ::send(socket, block->data + at, block->used - at, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        at += sent;
      }
    }
    return true;
  }

 private:
  static Block *take() {
    if (!kept_blocks.empty()) {
      Block *block = kept_blocks.back();
      kept_blocks.pop_back();
      return block;
    }
    blocks_alive++;
    return new (malloc(sizeof(Block))) Block;
  }

  static void release(Block *block) {
    if (--block->references > 0) return;
    if (kept_blocks.size() < kBlocksKept) {
      block->references = 1;
      block->used = 0;
      kept_blocks.push_back(block);
    } else {
      blocks_alive--;
      free(block);
    }
  }

  std::vector<Block *> blocks_;
};

struct Session {
  uint64_t id;
  std::string user;
  std::map<std::string, std::string> attributes;
  std::vector<uint64_t> calls;
};

class SessionTable {
 public:
  uint64_t open(const std::string &user) {
    auto session = std::make_unique<Session>();
    session->user = user;
    for (int i = 0; i < 4; i++) {
      session->attributes["attribute-" + std::to_string(i)] = "value of " + user + std::string(32, '.');
    }
    std::lock_guard<std::mutex> lock(mutex_);
    session->id = ++last_;
    sessions_[last_] = std::move(session);
    return last_;
  }

  void call(uint64_t id) {
    std::lock_guard<std::mutex> lock(mutex_);
    sessions_.at(id)->calls.push_back(id);
  }

  void close(uint64_t id) {
    std::lock_guard<std::mutex> lock(mutex_);
    sessions_.erase(id);
  }

  size_t size() {
    std::lock_guard<std::mutex> lock(mutex_);
    return sessions_.size();
  }

 private:
  std::mutex mutex_;
  uint64_t last_ = 0;
  std::unordered_map<uint64_t, std::unique_ptr<Session>> sessions_;
};

SessionTable sessions;

struct Stack {
  char *memory;
};

class StackPool {
 public:
  Stack take() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (!free_.empty()) {
        Stack stack = free_.back();
        free_.pop_back();
        return stack;
      }
    }
    stacks_alive++;
    void *memory = mmap(nullptr, kStackBytes + kGuardBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) abort();
    mprotect(memory, kGuardBytes, PROT_NONE);
    return Stack{static_cast<char *>(memory)};
  }

  void give(Stack stack) {
    std::lock_guard<std::mutex> lock(mutex_);
    free_.push_back(stack);
  }

 private:
  std::mutex mutex_;
  std::vector<Stack> free_;
};

StackPool stacks;

class Queue {
 public:
  void push(int socket) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      sockets_.push_back(socket);
    }
    ready_.notify_one();
  }

  int pop() {
    std::unique_lock<std::mutex> lock(mutex_);
    ready_.wait(lock, [this] { return !sockets_.empty(); });
    int socket = sockets_.front();
    sockets_.pop_front();
    return socket;
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<int> sockets_;
};

Queue queue;
int poll_fd;

std::string memory() {
  struct mallinfo2 info = mallinfo2();
  char line[200];
  snprintf(line, sizeof line, "sessions %zu blocks %ld stacks %ld mallinfo %zu\n", sessions.size(),
           blocks_alive.load(), stacks_alive.load(), info.uordblks + info.hblkhd);
  return line;
}

void respond(int socket, const std::string &body) {
  std::string head = "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: " +
                     std::to_string(body.size()) + "\r\n\r\n";
  IOBuf buffer;
  buffer.append(head.data(), head.size());
  buffer.append(body.data(), body.size());
  if (!buffer.send(socket)) shutdown(socket, SHUT_RDWR);
}

/** One request of a socket; whether the socket stays open. */
bool serve(int socket) {
  char request[4096];
  ssize_t got = recv(socket, request, sizeof request - 1, 0);
  if (got <= 0) return false;
  request[got] = 0;
  std::string user = "user-" + std::to_string(socket);
  if (strncmp(request, "GET /call", 9) == 0) {
    uint64_t id = sessions.open(user);
    sessions.call(id);
    respond(socket, std::string(10000, 'x'));
    sessions.close(id);
  } else if (strncmp(request, "GET /open", 9) == 0) {
    usleep(2000);  // As long as another service takes to know the user.
    respond(socket, std::to_string(sessions.open(user)) + "\n");
  } else {
    respond(socket, memory());
  }
  return strcasestr(request, "keep-alive") != nullptr;
}

struct Worker {
  ucontext_t main;
  ucontext_t call;
  int socket = 0;
};

thread_local Worker worker;

void run_call() {
  int socket = worker.socket;
  if (serve(socket)) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLONESHOT;
    event.data.fd = socket;
    epoll_ctl(poll_fd, EPOLL_CTL_MOD, socket, &event);
  } else {
    close(socket);
  }
}

void work() {
  while (true) {
    worker.socket = queue.pop();
    Stack stack = stacks.take();
    getcontext(&worker.call);
    worker.call.uc_stack.ss_sp = stack.memory + kGuardBytes;
    worker.call.uc_stack.ss_size = kStackBytes;
    worker.call.uc_link = &worker.main;
    makecontext(&worker.call, run_call, 0);
    swapcontext(&worker.main, &worker.call);
    stacks.give(stack);
  }
}

void dispatch(int listener) {
  epoll_event events[64];
  while (true) {
    int count = epoll_wait(poll_fd, events, 64, -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.fd != listener) {
        queue.push(events[i].data.fd);
        continue;
      }
      int socket = accept(listener, nullptr, nullptr);
      if (socket < 0) continue;
      int on = 1;
      setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      epoll_event event{};
      event.events = EPOLLIN | EPOLLONESHOT;
      event.data.fd = socket;
      epoll_ctl(poll_fd, EPOLL_CTL_ADD, socket, &event);
    }
  }
}

}  // namespace rpc

int main(int, char **arguments) {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(atoi(arguments[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0 ||
      listen(listener, 128) != 0) {
    perror("listen");
    return 1;
  }
  rpc::poll_fd = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener;
  epoll_ctl(rpc::poll_fd, EPOLL_CTL_ADD, listener, &event);
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; i++) workers.emplace_back(rpc::work);
  rpc::dispatch(listener);
}
