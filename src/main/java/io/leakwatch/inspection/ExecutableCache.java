package io.leakwatch.inspection;

import io.leakwatch.elf.ElfImage;
import io.leakwatch.elf.Linkage;
import io.leakwatch.export.StackUse;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.TargetFiles;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.Classification;
import io.leakwatch.region.Classifier;
import io.leakwatch.region.ClassifierSettings;
import io.leakwatch.region.RegionMap;
import java.io.IOException;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Classification as the readings of one thread share it, and what the executables say about
 * themselves. Each file is read once; a reading only asks whether it is still the same one.
 */
public final class ExecutableCache {
  /** Executables that are remembered; far fewer are under watch at once. */
  private static final int REMEMBERED_MAX = 64;

  /** What is reported of an executable that cannot be read. */
  private static final Image UNREADABLE = new Image("", Linkage.UNKNOWN, "");

  private final Classifier classifier = new Classifier(ClassifierSettings.DEFAULTS);
  private final @Nullable RegionMap regions;
  private final Map<File, Image> remembered = new LinkedHashMap<>(16, 0.75f, true);

  private record Image(String buildId, Linkage linkage, String modified) {}

  /**
   * A state of a file.
   *
   * @param key device and inode
   */
  private record File(Object key, FileTime modified, long bytes) {}

  /**
   * @param regions filled by each classification; null where only the sums are wanted
   */
  public ExecutableCache(@Nullable RegionMap regions) {
    this.regions = regions;
  }

  /** Classifies what a reading has read. */
  Outcome<Classification> classify(MappingTable table, ProcessReader reader) {
    return Outcome.sampled(
        classifier.classify(
            table, new RemoteProbe(reader.memory()), image(reader.files()).linkage(), regions));
  }

  /** The stacks that the last classification found, null where they cannot be known. */
  @Nullable StackUse stacks(ProcessReader reader, MappingTable table) {
    return regions == null ? null : StackCensus.of(reader, table, regions);
  }

  /** GNU build id of the executable in hex, {@code ""} when unknown. */
  public String buildId(TargetFiles files) {
    return image(files).buildId();
  }

  /**
   * What tells the executable from others: its build id, else when its file was modified; {@code
   * ""} where it may not be read.
   */
  public String build(TargetFiles files) {
    Image image = image(files);
    return image.buildId().isEmpty() ? image.modified() : image.buildId();
  }

  private Image image(TargetFiles files) {
    try {
      BasicFileAttributes seen = files.exeAttributes();
      File file = new File(seen.fileKey(), seen.lastModifiedTime(), seen.size());
      Image known = remembered.get(file);
      if (known == null) {
        known = read(files, seen.lastModifiedTime());
        remember(file, known);
      }
      return known;
    } catch (IOException e) {
      return UNREADABLE; // Gone, or not ours to read: what the build is, is then simply unknown.
    }
  }

  private static Image read(TargetFiles files, FileTime modified) throws IOException {
    Optional<ElfImage> opened = ElfImage.open(files.exe());
    if (opened.isEmpty()) {
      return UNREADABLE;
    }
    try (ElfImage image = opened.get()) {
      return new Image(image.buildId(), image.linkage(), "of " + modified);
    }
  }

  private void remember(File file, Image image) {
    remembered.put(file, image);
    if (remembered.size() > REMEMBERED_MAX) {
      remembered.remove(remembered.keySet().iterator().next());
    }
  }
}
