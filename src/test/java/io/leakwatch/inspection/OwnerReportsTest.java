package io.leakwatch.inspection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.alert.Severity;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Views;
import io.leakwatch.export.table.ProcessRow;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.verdict.VerdictKind;
import org.junit.jupiter.api.Test;

/** What is recorded of a walk is what is shown of it. */
class OwnerReportsTest {
  @Test
  void recordedFiguresShouldMeanWhatIsShown() {
    ProcessView view = Views.leaking("mds", Severity.NONE, VerdictKind.LEAK);
    OwnerReports heaps = view.heaps().owners();
    ProcessRow shown = ProcessRow.of(view);
    assertEquals(shown.memory().freeBytes(), heaps.freeBytes());
    assertEquals(shown.memory().inUseBytes(), heaps.inUseBytes());
  }
}
