package io.leakwatch.kernels;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.leakwatch.heap.ptmalloc.MallocInfo;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * What must be said on a kernel to be right. The truth is what the programs know of themselves
 * ({@code malloc_info}, what they mapped), what the kernel sums up ({@code smaps_rollup}), and what
 * the guest has set (limits, hidepid, Yama). An agent with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH,
 * as the packages install it, must read under each value of ptrace_scope. One without walks the
 * heap of its own user's process where the value is 0, and says what is missing where it is not.
 * How long the target's own mmap waits is recorded and not judged: an emulated processor is slow.
 */
final class Requirements {
  private static final List<String> YAMA = List.of("0", "1", "2");
  private static final List<String> GROWTH = List.of("leak", "growing");
  private static final long HARD_BYTES = 448L << 20;
  private static final long SOFT_BYTES = 192L << 20;
  private static final long PAGED_OUT_BYTES = 4L << 20;
  private static final long LEAK_BYTES = 400L << 20;
  private static final long HUGE_SLACK_BYTES = 32L << 20;
  private static final long SLACK_BYTES = 1L << 20;
  private static final double TARGET_BUDGET = 0.2; // agent.conf
  private static final long GO_BYTES = 64L << 20;
  private static final long SHARED_BYTES = 1L << 20;

  private final Transcript guest;
  private final DaemonFigures daemon;
  private final List<Row> rows = new ArrayList<>();

  private Requirements(Transcript guest) {
    this.guest = guest;
    this.daemon = new DaemonFigures(guest.truth("daemon"));
  }

  /** All checks, those that were not reached among them. */
  static List<Row> judge(Transcript guest) {
    Requirements all = new Requirements(guest);
    all.check("node", "", all::node);
    all.check("what check says", "", all::selfCheck);
    all.check("kinds of mappings", "", all::kinds);
    for (String yama : YAMA) {
      all.check("heap of glibc", yama, () -> all.heap("level." + yama, "level"));
      all.check("swapped memory", yama, () -> all.swap(yama));
      all.check("without capability, own process", yama, () -> all.own(yama));
      all.check("without capability, hidepid", yama, () -> all.hidden(yama));
    }
    all.check("what check says without capability", "2", all::plainCheck);
    all.check("pages left in swap", "2", all::leftInSwap);
    all.check("memory.max", "", () -> all.limit("level.2", "memory.max of /hard", HARD_BYTES));
    all.check("memory.high", "", () -> all.limit("boxed", "memory.high of /soft", SOFT_BYTES));
    all.check("diagnose, a leak", "", () -> all.diagnosis("leaking", true));
    all.check("diagnose, a heap that churns", "", () -> all.diagnosis("churn", false));
    all.check("daemon, a leak", "", () -> all.daemon("leaking", true));
    all.check("daemon, a heap at rest", "", () -> all.daemon("level", false));
    all.check("daemon, resident memory by its scans", "", all::resident);
    all.check("daemon, share of time for reading", "", all::budget);
    all.check("longest mmap of a target, ms", "", all::stalls);
    return all.rows;
  }

  /** What a check says; its failed requirements are exceptions. */
  private void check(String name, String yama, Supplier<String> check) {
    try {
      rows.add(new Row(name, yama, check.get(), ""));
    } catch (Wrong e) {
      rows.add(new Row(name, yama, e.said(), e.getMessage()));
    }
  }

  private String node() {
    String huge = guest.truth("node", "huge");
    String proc = guest.truth("node", "proc");
    require(huge.contains("[always]"), huge, "huge pages are not always tried");
    require(proc.contains("hidepid="), proc, "no hidepid");
    require(!guest.truth("node", "swap").isEmpty(), "", "no swap");
    for (String yama : YAMA) {
      require(guest.truth("node").contains("yama " + yama), "", "Yama was never " + yama);
    }
    return "swap, THP always, " + proc.replaceAll(".*(hidepid=\\w+).*", "$1");
  }

  private String selfCheck() {
    String text = guest.text("check");
    boolean scans = text.contains("PAGEMAP_SCAN works");
    require(
        scans == Kernel.isAtLeast(guest.truth("node", "release"), 6, 7),
        text,
        "PAGEMAP_SCAN is there since 6.7");
    require(text.contains("processes of all users can be read"), text, "CAP_SYS_PTRACE not seen");
    return scans ? "PAGEMAP_SCAN" : "no PAGEMAP_SCAN, paced smaps";
  }

  private String kinds() {
    JsonObject said = guest.json("mixed");
    JsonObject kinds = said.getAsJsonObject("kinds");
    String text =
        String.format(
            Locale.ROOT,
            "arenas %s, Go %s, shared %s, by mmap %s",
            size(kind(kinds, "arena", "resident_bytes")),
            size(kind(kinds, "go_heap", "mapped_bytes")),
            size(kind(kinds, "shared_memory", "mapped_bytes")),
            size(kind(kinds, "malloc_mmap", "mapped_bytes")));
    require(kind(kinds, "arena", "resident_bytes") >= LEAK_BYTES, text, "arenas");
    require(kind(kinds, "go_heap", "mapped_bytes") == GO_BYTES, text, "Go heap");
    require(kind(kinds, "shared_memory", "mapped_bytes") == SHARED_BYTES, text, "shared memory");
    require(kind(kinds, "malloc_mmap", "mapped_bytes") >= 800_000, text, "malloc by mmap");
    require(kind(kinds, "thread_stack", "mapped_bytes") > 8 << 20, text, "stacks");
    long huge = number(said, "transparent_huge_bytes");
    // The kernel may make huge pages of its memory in between.
    long anonymous = number(said, "anonymous_bytes");
    long later = guest.rollupBytes("mixed", "Anonymous");
    require(near(anonymous, later, HUGE_SLACK_BYTES), text, anonymous + " bytes, then " + later);
    return text + ", huge pages " + size(huge);
  }

  private String heap(String check, String name) {
    JsonObject said = guest.json(check);
    require(said.has("ptmalloc"), problem(said), "the heap was not walked");
    JsonObject heap = said.getAsJsonObject("ptmalloc");
    String text = "in use " + size(number(heap, "in_use_bytes"));
    Iterator<String> lines = guest.truth(name).iterator();
    require(lines.hasNext(), text, "the program did not say");
    MallocInfo truth = MallocInfo.read(lines::next);
    long system = 0;
    long free = -number(heap, "cached_bytes");
    for (JsonElement one : heap.getAsJsonArray("arenas")) {
      JsonObject arena = one.getAsJsonObject();
      system += number(arena, "system_bytes");
      free += number(arena, "free_bytes") + number(arena, "top_bytes");
    }
    // malloc_info counts each free chunk, the top excepted, as one byte more than it is.
    long trueFree =
        truth.heaps().stream().mapToLong(one -> one.restBytes() - one.restCount() + 1).sum();
    long trueSystem = truth.heaps().stream().mapToLong(MallocInfo.Heap::systemBytes).sum();
    require(system == trueSystem, text, "arenas of " + system + ", not " + trueSystem);
    require(free == trueFree, text, "free " + free + ", not " + trueFree);
    require(
        number(heap, "mmapped_bytes") == truth.mmapBytes()
            && number(heap, "mmapped_chunks") == truth.mmapCount(),
        text,
        "chunks by mmap");
    return text + ", as malloc_info to the byte";
  }

  private String swap(String yama) {
    long bytes = number(guest.json("paged." + yama), "swap_bytes");
    long truth = guest.rollupBytes("paged", "Swap");
    String text = size(bytes);
    require(bytes == PAGED_OUT_BYTES && truth == bytes, text, truth + " bytes are swapped out");
    return text;
  }

  private String leftInSwap() {
    String before = guest.truth("paged.before", "ready");
    String after = guest.truth("paged.after", "ready");
    require(!after.isEmpty() && before.equals(after), before, "after the looks: " + after);
    return before.replaceAll(".* ", "") + " pages present before and after";
  }

  private String own(String yama) {
    JsonObject said = guest.json("own." + yama);
    if (yama.equals("0")) {
      return heap("own.0", "own");
    }
    String problem = problem(said);
    require(!said.has("ptmalloc"), problem, "the heap was walked");
    require(problem.contains("CAP_SYS_PTRACE"), problem, "does not say what is missing");
    require(number(said, "anonymous_bytes") > 0, problem, "the mappings were not read");
    return "mappings; heap: CAP_SYS_PTRACE is missing";
  }

  private String hidden(String yama) {
    JsonObject answer = guest.answer("other." + yama);
    String error = answer.get("error").getAsString().strip();
    require(number(answer, "status") == 3, error, "a hidden process was seen");
    require(error.contains("hidepid"), error, "does not say that it may be hidden");
    return "no such process, or hidden by hidepid";
  }

  private String plainCheck() {
    String text = guest.text("plain.check");
    require(text.contains("kernel.yama.ptrace_scope is 2"), text, "Yama not named");
    require(text.contains("hidepid"), text, "hidepid not named");
    require(text.contains("CAP_SYS_PTRACE is missing"), text, "the capability is not named");
    require(!text.contains("sees all processes"), text, "hidepid hides processes");
    return "names Yama, hidepid and the missing capability";
  }

  private String limit(String check, String name, long bytes) {
    JsonArray resources = guest.json(check).getAsJsonArray("resources");
    for (JsonElement one : resources) {
      JsonObject resource = one.getAsJsonObject();
      if (resource.get("limit_name").getAsString().equals(name)
          && number(resource, "limit") == bytes) {
        return size(bytes);
      }
    }
    throw new Wrong(String.valueOf(resources), "no " + name + " of " + bytes);
  }

  private String diagnosis(String name, boolean grows) {
    JsonObject said = guest.json("diagnose." + name);
    String verdict = said.get("verdict").getAsString();
    JsonArray reasons = said.getAsJsonArray("reasons");
    String text = verdict + (reasons.isEmpty() ? "" : ": " + reasons.get(0).getAsString());
    if (grows) {
      require(GROWTH.contains(verdict), text, "a leak");
    } else {
      require(!verdict.equals("leak"), text, "it does not leak");
    }
    return text;
  }

  private String daemon(String name, boolean grows) {
    String verdict = daemon.verdict(name);
    require(!verdict.isEmpty(), String.join(" ", guest.truth("daemon.errors")), "no verdict");
    require(GROWTH.contains(verdict) == grows, verdict, grows ? "a leak" : "it is at rest");
    return verdict;
  }

  /** The daemon reads by PAGEMAP_SCAN or paced smaps what the kernel sums up in another way. */
  private String resident() {
    // Its block, with a page before it that cannot be read, looks like an ended thread's stack.
    long bytes =
        daemon.residentBytes("meter", "thread_stack") + daemon.residentBytes("meter", "anonymous");
    long truth = guest.rollupBytes("meter", "Anonymous");
    require(bytes > 0 && near(bytes, truth, SLACK_BYTES), size(bytes), truth + " bytes");
    return size(bytes);
  }

  /** What is read takes no more than twice its share: counting may take as much as scanning. */
  private String budget() {
    String elapsed = guest.truth("daemon.seconds", "");
    double used = daemon.readSeconds("meter");
    double longest = daemon.longestSeconds("meter");
    require(!elapsed.isEmpty() && used > 0, "", "no figures");
    double share = used / Double.parseDouble(elapsed);
    String text =
        String.format(Locale.ROOT, "%.2f %%, longest %.0f ms", 100 * share, 1000 * longest);
    require(
        used <= 2 * TARGET_BUDGET * Double.parseDouble(elapsed) + longest,
        text,
        "above its budget");
    return text;
  }

  private String stalls() {
    String alone = millis("meter.alone");
    return "alone "
        + alone
        + ", one inspect "
        + millis("meter.inspect")
        + ", beside the daemon "
        + millis("meter.daemon");
  }

  private String millis(String name) {
    String micros = guest.truth(name, "longest");
    require(!micros.isEmpty(), "", "no answer of the target");
    return String.format(Locale.ROOT, "%.0f", Double.parseDouble(micros) / 1000);
  }

  private static String problem(JsonObject said) {
    return said.get("problem").getAsString();
  }

  private static long number(JsonObject object, String name) {
    return object.get(name).getAsLong();
  }

  private static boolean near(long one, long other, long slack) {
    return Math.abs(one - other) <= slack;
  }

  private static long kind(JsonObject kinds, String kind, String field) {
    return kinds.has(kind) ? number(kinds.getAsJsonObject(kind), field) : 0;
  }

  private static String size(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }

  private static void require(boolean right, String said, String fault) {
    if (!right) {
      throw new Wrong(said, fault);
    }
  }
}
