package io.leakwatch.cli.top;

import io.leakwatch.export.table.ProcessList;
import io.leakwatch.export.table.ProcessOrder;
import io.leakwatch.export.table.ProcessRow;
import io.leakwatch.export.table.ProcessScreen;
import io.leakwatch.heap.HeapStrips;
import java.util.List;

/**
 * What the live view shows, and how keys and news change it. A process that somebody has chosen
 * stays chosen wherever it moves; before that, the topmost one is.
 *
 * @param chosenPid 0 while nobody has chosen
 */
record LiveState(ProcessScreen.State shown, String chosenName, int chosenPid) {

  /** Before anything is known. */
  static LiveState of(String node) {
    return new LiveState(
        new ProcessScreen.State(
            node, "", "", ProcessList.EMPTY, ProcessOrder.SEVERITY, 0, ProcessScreen.Detail.CLOSED),
        "",
        0);
  }

  LiveState heard(String agent, ProcessList processes) {
    return with(agent, "", processes, shown.order());
  }

  /** What was known stays. */
  LiveState failed(String agent, String problem) {
    return with(agent, problem, shown.processes(), shown.order());
  }

  /** The heaps of one process; nothing where they are not shown any more. */
  LiveState drawn(String name, HeapStrips strips) {
    return shown.open() ? show(shown.chosen(), new ProcessScreen.Detail(true, name, strips)) : this;
  }

  /** The process that has the room, {@code ""} while none has. */
  String opened() {
    List<ProcessRow> rows = shown.rows();
    return shown.open() && shown.chosen() < rows.size() ? rows.get(shown.chosen()).name() : "";
  }

  private static ProcessScreen.Detail detail(boolean open) {
    return open ? ProcessScreen.Detail.OPEN : ProcessScreen.Detail.CLOSED;
  }

  /**
   * After a key.
   *
   * @param page so many rows are a page
   */
  LiveState pressed(Key key, int page) {
    return switch (key) {
      case UP -> choose(shown.chosen() - 1);
      case DOWN -> choose(shown.chosen() + 1);
      case PAGE_UP -> choose(shown.chosen() - page);
      case PAGE_DOWN -> choose(shown.chosen() + page);
      case FIRST -> choose(0);
      case LAST -> choose(Integer.MAX_VALUE);
      case TOGGLE -> show(shown.chosen(), detail(!shown.open()));
      case OPEN -> show(shown.chosen(), detail(true));
      case BACK -> show(shown.chosen(), detail(false));
      case SORT -> with(shown.agent(), shown.problem(), shown.processes(), shown.order().next());
      case SUSPEND, REDRAW, QUIT -> this;
    };
  }

  private LiveState choose(int wanted) {
    List<ProcessRow> rows = shown.rows();
    if (rows.isEmpty()) {
      return this;
    }
    int index = Math.max(0, Math.min(rows.size() - 1, wanted));
    ProcessRow row = rows.get(index);
    return new LiveState(show(index, shown.detail()).shown, row.name(), row.pid());
  }

  private LiveState show(int index, ProcessScreen.Detail detail) {
    return new LiveState(
        new ProcessScreen.State(
            shown.node(),
            shown.agent(),
            shown.problem(),
            shown.processes(),
            shown.order(),
            index,
            detail),
        chosenName,
        chosenPid);
  }

  private LiveState with(String agent, String problem, ProcessList processes, ProcessOrder order) {
    ProcessScreen.State next =
        new ProcessScreen.State(
            shown.node(), agent, problem, processes, order, shown.chosen(), shown.detail());
    LiveState changed = new LiveState(next, chosenName, chosenPid);
    return changed.show(changed.index(), shown.detail());
  }

  /** Where the chosen process is now; where it is gone, its place. */
  private int index() {
    if (chosenPid == 0) {
      return 0;
    }
    List<ProcessRow> rows = shown.rows();
    int sameName = -1;
    for (int i = 0; i < rows.size(); i++) {
      ProcessRow row = rows.get(i);
      if (row.name().equals(chosenName)) {
        if (row.pid() == chosenPid) {
          return i;
        }
        sameName = i;
      }
    }
    return sameName >= 0 ? sameName : Math.max(0, Math.min(rows.size() - 1, shown.chosen()));
  }
}
