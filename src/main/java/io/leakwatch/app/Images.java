package io.leakwatch.app;

import io.leakwatch.proc.MappingTable;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcessInfo;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.region.Classification;
import io.leakwatch.region.Classifier;
import io.leakwatch.region.ClassifierSettings;
import io.leakwatch.region.Linkage;
import io.leakwatch.region.RegionMap;

/** Classification as the looks of one thread share it. */
final class Images {
  private final Classifier classifier = new Classifier(ClassifierSettings.DEFAULTS);
  private final RegionMap regions = new RegionMap();

  /** Classifies what a look has read. */
  Outcome<Classification> classify(MappingTable table, ProcessReader reader) {
    return Outcome.sampled(
        classifier.classify(table, new RemoteProbe(reader.memory()), Linkage.UNKNOWN, regions));
  }

  RegionMap regions() {
    return regions;
  }

  /** GNU build id of the executable in hex, {@code ""} when unknown. */
  String buildId(ProcessInfo info) {
    return "";
  }
}
