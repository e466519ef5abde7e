package io.leakwatch.inspection;

import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.Classification;
import io.leakwatch.region.Layout;
import io.leakwatch.time.Time;

/**
 * The reading of a process' mappings, with the table and buffers that all readings of one thread
 * share.
 */
public final class MappingReader {
  private final MappingTable table;
  private final PacedMeter meter;
  private String source = "";

  /** One for a program that reads one process. */
  public MappingReader(Time time) {
    this(MappingTable.ROWS_MAX_ALONE, time);
  }

  /**
   * @param mappingsMax of a process; one that has more is not read
   */
  public MappingReader(int mappingsMax, Time time) {
    this.meter = new PacedMeter(time);
    this.table = new MappingTable(mappingsMax);
  }

  /** Every mapping with every figure, from smaps. */
  public Outcome<Classification> exact(ProcessReader reader, ExecutableCache images) {
    source = "smaps";
    meter.reset();
    return reader.smaps(table, meter).flatMap(read -> images.classify(read, reader));
  }

  /** Mappings that the last reading found, also where they are too many to be read. */
  public int mappingCount() {
    return table.size() + table.rowsBeyond();
  }

  /** Resident bytes by mapping: by page scans where the kernel has them, else exactly. */
  public Outcome<Classification> quick(ProcessReader reader, ExecutableCache images) {
    if (!reader.canScan()) {
      return exact(reader, images);
    }
    source = "pagemap_scan";
    meter.reset();
    return reader.scan(table, meter).flatMap(read -> images.classify(read, reader));
  }

  /** What most of the mappings of the last reading are, {@code ""} where they are not many. */
  String most(ProcessReader reader, Layout layout) {
    if (!MappingUse.isMany(table)) {
      return "";
    }
    long threads =
        reader.status() instanceof Outcome.Sampled<Status> now
            ? now.value().threads()
            : Status.ABSENT;
    return MappingUse.most(table, layout, threads);
  }

  /** The mappings of the last reading; overwritten by the next. */
  public MappingTable table() {
    return table;
  }

  /** Where the last reading got its figures. */
  public String source() {
    return source;
  }

  public PacedMeter meter() {
    return meter;
  }
}
