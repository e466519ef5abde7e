package io.leakwatch.app;

import io.leakwatch.proc.MappingTable;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.region.Classification;

/**
 * The look at a process' mappings, with the table and buffers that all looks of one thread share.
 */
final class Looker {
  private final MappingTable table;
  private final PacedMeter meter = new PacedMeter();
  private String source = "";

  /** One for a program that looks at one process. */
  Looker() {
    this(MappingTable.ROWS_MAX_ALONE);
  }

  /**
   * @param mappingsMax of a process; one that has more is not looked at
   */
  Looker(int mappingsMax) {
    this.table = new MappingTable(mappingsMax);
  }

  /** Every mapping with every figure, from smaps. */
  Outcome<Classification> exact(ProcessReader reader, Images images) {
    source = "smaps";
    meter.reset();
    return reader.smaps(table, meter).flatMap(read -> images.classify(read, reader));
  }

  /** Mappings that the last look found, also where they are too many to be looked at. */
  int mappingCount() {
    return table.size() + table.rowsBeyond();
  }

  /** Resident bytes by mapping: by page scans where the kernel has them, else exactly. */
  Outcome<Classification> quick(ProcessReader reader, Images images) {
    if (!reader.canScan()) {
      return exact(reader, images);
    }
    source = "pagemap_scan";
    meter.reset();
    return reader.scan(table, meter).flatMap(read -> images.classify(read, reader));
  }

  /** The mappings of the last look; overwritten by the next. */
  MappingTable table() {
    return table;
  }

  /** Where the last look read. */
  String source() {
    return source;
  }

  PacedMeter meter() {
    return meter;
  }
}
