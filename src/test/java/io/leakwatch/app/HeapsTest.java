package io.leakwatch.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.alert.Severity;
import io.leakwatch.diagnose.VerdictKind;
import io.leakwatch.export.ProcessRow;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Views;
import org.junit.jupiter.api.Test;

/** What is recorded of a walk is what is shown of it. */
class HeapsTest {
  @Test
  void recordedFiguresShouldMeanWhatIsShown() {
    ProcessView view = Views.leaking("mds", Severity.NONE, VerdictKind.LEAK);
    Heaps heaps = new Heaps(view.heap(), null);
    ProcessRow shown = ProcessRow.of(view);
    assertEquals(shown.freeBytes(), heaps.freeBytes());
    assertEquals(shown.inUseBytes(), heaps.inUseBytes());
  }
}
