package io.leakwatch.heap.jemalloc;

import io.leakwatch.elf.ElfImage;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReader;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.region.kind.Allocator;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads from outside what jemalloc holds in a live process, without symbols and without counters:
 * release 5 by its tree of extents ({@link ExtentReading}), releases 3.6 and 4 by the headers of
 * their chunks ({@link ChunkReading}). Which one it is shows itself. One object serves one thread.
 */
public final class JemallocReader implements OwnerReader<JemallocReport> {
  private static final int VERSIONS_MAX = 64;

  private final WalkSettings settings;
  private final Map<String, String> versions =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > VERSIONS_MAX;
        }
      };

  public JemallocReader(WalkSettings settings) {
    this.settings = settings;
  }

  @Override
  public Allocator owner() {
    return Allocator.JEMALLOC;
  }

  @Override
  public Outcome<JemallocReport> read(OwnerTarget target, ObjectVisitor visitor) {
    AddressSpace space = target.space();
    ByteBudget budget = new ByteBudget(settings.bytesMax(), target.pace());
    RootSearch search =
        new RootSearch(target.memory(), budget, space, settings.shapeScanBytesMax());
    ExtentTree.Root root = search.find();
    JemallocReport report = null;
    if (root != null) {
      String version = version(target, root.data());
      report = new ExtentReading(target, space, budget, settings, root, version).read(visitor);
    } else if (search.failure() == 0) {
      report = new ChunkReading(target, space, budget, settings).read(visitor, this::version);
    }
    return switch (search.failure()) {
      case HeapMemory.GONE -> Outcome.vanished();
      case HeapMemory.DENIED -> Outcome.denied("process_vm_readv", "CAP_SYS_PTRACE");
      default -> Outcome.sampled(report == null ? JemallocReport.none() : report);
    };
  }

  /** The version that a file with jemalloc in it tells, "" where it tells none. */
  private String version(OwnerTarget target, AddressSpace.@Nullable DataSegment data) {
    if (data == null) {
      return "";
    }
    String key = data.path() + ":" + target.table().inode(data.mapping());
    String known = versions.get(key);
    if (known == null) {
      known = bannerOf(target, data);
      versions.put(key, known);
    }
    return known;
  }

  private static String bannerOf(OwnerTarget target, AddressSpace.DataSegment data) {
    try {
      Optional<ElfImage> opened =
          ElfImage.open(target.files().ofMapping(target.table(), data.mapping()));
      if (opened.isPresent()) {
        try (ElfImage image = opened.get()) {
          return image.jemallocVersion();
        }
      }
    } catch (IOException e) {
      // A file that was replaced or may not be read tells nothing: the layout is reported.
      assert e != null;
    }
    return "";
  }
}
