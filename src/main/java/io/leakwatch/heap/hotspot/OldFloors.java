package io.leakwatch.heap.hotspot;

import io.leakwatch.heap.hotspot.JavaHeap.Collector;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What each JVM's old generation held when it was clean last. Between two cleanings it fills with
 * what was promoted, dead or alive; only its least tells what lives. G1 cleans in steps for a while
 * after it has marked, so its least is that of the present and of the last period.
 */
final class OldFloors {
  private static final int JVMS_MAX = 1024;

  private final Map<String, Period> periods =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Period> eldest) {
          return size() > JVMS_MAX;
        }
      };

  private record Period(long cleanings, long least, long leastBefore) {
    private Period with(long cleaned, long used) {
      return cleaned == cleanings
          ? new Period(cleanings, Math.min(least, used), leastBefore)
          : new Period(cleaned, used, least);
    }
  }

  /**
   * Notes a look.
   *
   * @param jvm tells it from others
   * @param cleanings of the old generation since the start
   * @param usedBytes of it
   * @return what lives in it, as far as can be told
   */
  long note(String jvm, Collector collector, long cleanings, long usedBytes) {
    Period before = periods.get(jvm);
    Period now =
        before == null
            ? new Period(cleanings, usedBytes, Long.MAX_VALUE)
            : before.with(cleanings, usedBytes);
    periods.put(jvm, now);
    return collector == Collector.G1 ? Math.min(now.least(), now.leastBefore()) : now.least();
  }
}
