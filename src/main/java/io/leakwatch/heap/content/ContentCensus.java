package io.leakwatch.heap.content;

import io.leakwatch.heap.ObjectNames;
import io.leakwatch.heap.turnover.ObjectTurnover;
import io.leakwatch.os.PageSize;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.AddressRanges;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.ProcessMemory;
import io.leakwatch.region.MemoryProbe;
import io.leakwatch.symbols.Place;
import io.leakwatch.symbols.Symbolizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What lies in a process' memory at one time. Chunks are sampled, named and grouped; nothing that
 * is not present is read, and what is read is bounded by the number of sizes, chunks and pages.
 */
public final class ContentCensus {
  private static final double LEAST_SHARE = 0.05;
  private static final double TEXT_SHARE = 0.6;

  /** What std::deque asks for at once; glibc's chunk has one word more. */
  private static final Set<Long> DEQUE_BLOCK_BYTES = Set.of(512L, 520L);

  private static final int ADDRESSES_MAX = 400;
  private static final long VARIABLES_BYTES_MAX = 64 << 20;
  private static final int PAGE_BYTES = PageSize.BYTES;

  private final ContentSettings settings;
  private final BlockReader reader;
  private final BlockNamer namer;
  private final Prefixes prefixes;
  private final HashTables hashTables;
  private ObjectNames known = ObjectNames.NONE;

  /**
   * Reads a process.
   *
   * @param table its mappings now
   */
  public ContentCensus(
      ProcessMemory memory,
      MappingTable table,
      Symbolizer symbols,
      MemoryProbe probe,
      ReadMeter meter,
      ContentSettings settings,
      Masking masking) {
    this.settings = settings;
    this.reader = new BlockReader(memory, meter, settings.blockBytes());
    AddressRanges heaps = privateMemory(table);
    this.namer = new BlockNamer(symbols, heaps, probe, masking);
    this.prefixes = new Prefixes(symbols, masking, settings.showProgramText());
    this.hashTables = new HashTables(heaps, probe);
    searchVariables(table, symbols);
  }

  /** Believes who knows objects of some owner, before it looks at their content. */
  public ContentCensus believing(ObjectNames names) {
    known = names;
    return this;
  }

  /** Private writable memory without a file: heaps, stacks, plain mappings. */
  private static AddressRanges privateMemory(MappingTable table) {
    AddressRanges ranges = new AddressRanges();
    for (int i = 0; i < table.size(); i++) {
      if (table.isWritable(i) && !table.isShared(i) && table.inode(i) == 0 && table.start(i) > 0) {
        ranges.add(table.start(i), table.end(i));
      }
    }
    return ranges;
  }

  private void searchVariables(MappingTable table, Symbolizer symbols) {
    long left = VARIABLES_BYTES_MAX;
    for (int i = 0; i < table.size(); i++) {
      boolean variables =
          table.isWritable(i) && symbols.sectionOf(table.start(i)) == Place.Section.VARIABLES;
      for (long at = table.start(i); variables && at < table.end(i) && left > 0; at += PAGE_BYTES) {
        Block page = reader.page(at);
        left -= PAGE_BYTES;
        if (page != null) {
          hashTables.search(page.words(), page.count());
        }
      }
    }
  }

  /**
   * The types of objects by their addresses; those that are not present are missing.
   *
   * @param addressesBySize by the bytes that the application can use of each
   */
  public Map<Long, String> types(Map<Long, long[]> addressesBySize) {
    Map<Long, String> types = new HashMap<>();
    addressesBySize.forEach(
        (size, addresses) -> {
          for (long address : addresses) {
            Block block = reader.object(address, size);
            if (block != null) {
              types.put(address, type(namer.name(block), block));
            }
          }
        });
    return types;
  }

  /** Names chunks for whoever reads them itself; of what has no telling type it says nothing. */
  public ObjectNames names() {
    return (address, bytes, words, count) -> {
      Block block = new Block(address, bytes, Arrays.copyOf(words, count));
      String own = own(block);
      if (own != null) {
        return own;
      }
      Content content = namer.name(block);
      String type = inferred(content, block);
      return !content.module().isEmpty() || type.contains("std::") ? type : null;
    };
  }

  /** The type of one object with an example; {@code ""} when it is not present. */
  public String describe(long address, long bytes) {
    Block block = reader.object(address, bytes);
    if (block == null) {
      return "";
    }
    Content content = namer.name(block);
    return type(content, block) + ": " + content.example();
  }

  private @Nullable String own(Block block) {
    return known.of(block.address(), block.usableBytes(), block.words(), block.count());
  }

  private String type(Content content, Block block) {
    String own = own(block);
    return own == null ? inferred(content, block) : own;
  }

  private String inferred(Content content, Block block) {
    String type = content.type();
    long bytes = block.usableBytes();
    if (hashTables.hasBucketsAt(block.address())) {
      return "std::unordered_map buckets";
    }
    String chain = NodeShapes.Shape.CHAIN.words();
    if (type.startsWith(chain) && hashTables.hasNodesOf(bytes)) {
      return "std::unordered_map node" + type.substring(chain.length());
    }
    return DEQUE_BLOCK_BYTES.contains(bytes)
            && content.module().isEmpty()
            && content.text().isEmpty()
        ? type + " in a block of 512 B, as std::deque makes"
        : type;
  }

  /**
   * Divides the growth of one size by what the chunks are.
   *
   * <p>Chunks come and go. What came is known from a sample now; what went is known from the sample
   * that the first reading took of the same size. The difference is what grew.
   *
   * @param oldTypes of the first reading
   * @param isGone whether a chunk of that reading is there no more
   */
  public List<Group> groups(
      ObjectTurnover.Growth growth, Map<Long, String> oldTypes, long[] old, LongPredicate isGone) {
    Map<String, Members> byType = new TreeMap<>();
    int seen = 0;
    for (long address : growth.sample()) {
      Block block = reader.object(address, growth.usableBytes());
      if (block != null) {
        Content content = namer.name(block);
        String type = type(content, block);
        byType.computeIfAbsent(type, t -> new Members()).add(content, address);
        seen++;
      }
    }
    Map<String, Double> net = net(growth, byType, seen, oldTypes, old, isGone);
    double sum = net.values().stream().mapToDouble(Double::doubleValue).sum();
    List<Group> groups = new ArrayList<>();
    byType.forEach(
        (type, members) -> {
          double count = net.getOrDefault(type, 0.0);
          if (count > 0 && count >= LEAST_SHARE * sum) {
            divide(growth, type, count / sum, members, groups);
          }
        });
    return groups;
  }

  private static Map<String, Double> net(
      ObjectTurnover.Growth growth,
      Map<String, Members> byType,
      int seen,
      Map<Long, String> oldTypes,
      long[] old,
      LongPredicate isGone) {
    Map<String, Integer> goneByType = new HashMap<>();
    int gone = 0;
    for (long address : old) {
      String type = oldTypes.get(address);
      if (type != null && isGone.test(address)) {
        goneByType.merge(type, 1, Integer::sum);
        gone++;
      }
    }
    Map<String, Double> net = new TreeMap<>();
    for (Map.Entry<String, Members> entry : byType.entrySet()) {
      double come = (double) growth.come() * entry.getValue().contents.size() / seen;
      double went =
          gone == 0
              ? 0
              : (double) growth.gone() * goneByType.getOrDefault(entry.getKey(), 0) / gone;
      if (come > went) {
        net.put(entry.getKey(), come - went);
      }
    }
    return net;
  }

  /** Chunks of one type. */
  private static final class Members {
    private final List<Content> contents = new ArrayList<>();
    private final List<Long> addresses = new ArrayList<>();

    void add(Content content, long address) {
      contents.add(content);
      addresses.add(address);
    }

    Members part(List<Integer> indexes) {
      Members part = new Members();
      indexes.forEach(i -> part.add(contents.get(i), addresses.get(i)));
      return part;
    }
  }

  /** Where a type carries text, groups by how the texts begin. */
  private void divide(
      ObjectTurnover.Growth growth, String type, double share, Members members, List<Group> into) {
    long texts = members.contents.stream().filter(content -> !content.text().isEmpty()).count();
    if (texts < TEXT_SHARE * members.contents.size()) {
      into.add(group(growth, type, share, members));
      return;
    }
    List<String> all = members.contents.stream().map(Content::text).toList();
    for (Prefixes.Part part : prefixes.divide(all)) {
      double own = (double) part.members().size() / all.size();
      if (own >= LEAST_SHARE) {
        String name = part.label().isEmpty() ? type : type + " " + part.label();
        into.add(group(growth, name, share * own, members.part(part.members())));
      }
    }
  }

  private Group group(ObjectTurnover.Growth growth, String type, double share, Members members) {
    return new Group(
        growth.chunkBytes(),
        Math.max(1, Math.round(share * growth.countGrowth())),
        Math.round(share * growth.bytesGrowth()),
        type,
        members.contents.get(0).module(),
        members.contents.stream()
            .map(Content::example)
            .distinct()
            .limit(settings.samplesMax())
            .toList(),
        members.addresses.stream().limit(ADDRESSES_MAX).toList());
  }

  /**
   * What new pages hold.
   *
   * @param sample addresses of some of them
   * @param newPages how many there are
   */
  public List<Group> pages(List<Long> sample, long newPages) {
    PageContents contents = new PageContents(namer, prefixes, settings.samplesMax());
    for (long address : sample) {
      Block page = reader.page(address);
      if (page != null) {
        contents.add(page);
      }
    }
    return contents.groups(newPages).stream()
        .filter(group -> group.countGrowth() > 0)
        .sorted(Comparator.comparingLong(Group::bytesGrowth).reversed())
        .toList();
  }
}
