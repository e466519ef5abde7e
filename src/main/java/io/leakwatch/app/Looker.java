package io.leakwatch.app;

import io.leakwatch.proc.MappingTable;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.region.Classification;

/**
 * The look at a process' mappings, with the table and buffers that all looks of one thread share.
 */
final class Looker {
  private final MappingTable table = new MappingTable();
  private final PacedMeter meter = new PacedMeter();
  private String source = "";

  /** Every mapping with every figure, from smaps. */
  Outcome<Classification> exact(ProcessReader reader, Images images) {
    source = "smaps";
    meter.reset();
    return reader.smaps(table, meter).flatMap(read -> images.classify(read, reader));
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
