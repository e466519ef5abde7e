package io.leakwatch.heap.content;

import io.leakwatch.heap.content.VirtualTables.Kind;
import io.leakwatch.heap.content.VirtualTables.Table;
import io.leakwatch.os.PageSize;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What pages hold whose allocator is not known from inside: objects found by their virtual tables,
 * strings, and for what has neither, the likeness of whole pages.
 *
 * <p>jemalloc, tcmalloc and their like fill pages with things of one size. So the distance at which
 * the same type comes again most often is the size it takes.
 */
final class PageContents {
  private static final int PAGE_BYTES = PageSize.BYTES;
  private static final double TEXT_SHARE = 0.4;
  private static final int ADDRESSES_MAX = 64;
  private static final int TEXTS_MAX = 400;
  private static final String STRING = "string";

  private final BlockNamer namer;
  private final Prefixes prefixes;
  private final int samplesMax;
  private final Map<String, Found> byType = new TreeMap<>();
  private long pages;

  private static final class Found {
    private final List<Content> contents = new ArrayList<>();
    private final List<Long> addresses = new ArrayList<>();
    private final Map<Long, Integer> distances = new HashMap<>();
    private String module = "";
    private long pages;
    private long last = -1;
    private boolean isPage;

    void add(long address, @Nullable Content content) {
      long distance = address - last;
      if (last >= 0 && distance > 0 && distance <= PAGE_BYTES) {
        distances.merge(distance, 1, Integer::sum);
      }
      last = address;
      if (addresses.size() < ADDRESSES_MAX) {
        addresses.add(address);
      }
      if (content != null && contents.size() < TEXTS_MAX) {
        contents.add(content);
        module = content.module();
      }
    }

    long strideBytes() {
      return distances.entrySet().stream()
          .max(
              Map.Entry.<Long, Integer>comparingByValue()
                  .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
          .map(Map.Entry::getKey)
          .orElse((long) PAGE_BYTES);
    }
  }

  PageContents(BlockNamer namer, Prefixes prefixes, int samplesMax) {
    this.namer = namer;
    this.prefixes = prefixes;
    this.samplesMax = samplesMax;
  }

  /** Takes a page; it counts for what there is most of in it, and for nothing else. */
  void add(Block page) {
    pages++;
    if (!objects(page) && !strings(page)) {
      Content content = namer.likeness(page);
      Found found = of(content.type());
      found.isPage = true;
      found.pages++;
      found.add(page.address(), content);
    }
  }

  private Found of(String type) {
    return byType.computeIfAbsent(type, unused -> new Found());
  }

  /** A page with objects that have virtual tables belongs to the class that has most of them. */
  private boolean objects(Block page) {
    Map<String, List<Integer>> places = new TreeMap<>();
    for (int i = 0; i < page.count(); i++) {
      Table table = namer.tables().at(page.word(i));
      if (table != null && table.kind() == Kind.CLASS) {
        places.computeIfAbsent(table.name(), type -> new ArrayList<>()).add(i);
      }
    }
    Map.Entry<String, List<Integer>> most = null;
    for (Map.Entry<String, List<Integer>> one : places.entrySet()) {
      most = most == null || one.getValue().size() > most.getValue().size() ? one : most;
    }
    if (most == null) {
      return false;
    }
    Found found = of(most.getKey());
    found.pages++;
    for (int i : most.getValue()) {
      Block object = tail(page, i, 8);
      found.add(object.address(), namer.name(object));
    }
    return true;
  }

  private static Block tail(Block page, int from, int words) {
    long[] part = new long[Math.min(words, page.count() - from)];
    System.arraycopy(page.words(), from, part, 0, part.length);
    return new Block(page.address() + 8L * from, 0, part);
  }

  private boolean strings(Block page) {
    int text = 0;
    List<Integer> starts = new ArrayList<>();
    for (int at = 0; at < page.bytes(); at += 8) {
      String here = page.textAt(at);
      if (!here.isEmpty()) {
        starts.add(at);
        text += here.length();
        at += here.length() / 8 * 8;
      }
    }
    if (text < TEXT_SHARE * page.bytes()) {
      return false;
    }
    Found found = of(STRING);
    found.pages++;
    for (int at : starts) {
      Block string = tail(page, at / 8, 16);
      found.add(string.address(), namer.name(string));
    }
    return true;
  }

  /**
   * What was found, scaled up: each page in one row, so that the rows add up to the pages.
   *
   * @param newPages of which the pages seen are a fair sample
   */
  List<Group> groups(long newPages) {
    List<Group> groups = new ArrayList<>();
    double scale = pages == 0 ? 0 : (double) newPages * PAGE_BYTES / pages;
    for (Map.Entry<String, Found> entry : byType.entrySet()) {
      Found found = entry.getValue();
      double bytes = found.pages * scale;
      List<String> texts = found.contents.stream().map(Content::text).toList();
      if (!entry.getKey().equals(STRING)) {
        groups.add(group(entry.getKey(), bytes, found, found.contents));
        continue;
      }
      for (Prefixes.Part part : prefixes.divide(texts)) {
        double share = (double) part.members().size() / texts.size();
        groups.add(
            group(
                part.label().isEmpty() ? STRING : STRING + " " + part.label(),
                bytes * share,
                found,
                part.members().stream().map(found.contents::get).toList()));
      }
    }
    return groups;
  }

  private Group group(String type, double bytes, Found found, List<Content> contents) {
    long each = found.isPage ? PAGE_BYTES : found.strideBytes();
    long count = Math.round(bytes / each);
    return new Group(
        each,
        count,
        Math.round(bytes),
        type,
        found.module,
        contents.stream().map(Content::example).distinct().limit(samplesMax).toList(),
        List.copyOf(found.addresses));
  }
}
