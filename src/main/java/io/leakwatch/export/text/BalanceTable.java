package io.leakwatch.export.text;

import io.leakwatch.export.RssBalance;
import io.leakwatch.heap.Balance;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.text.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Where the resident memory is, owner by owner, as a table for a terminal; it adds up. */
final class BalanceTable {
  private static final String ROW = "%-11s %10s %10s %10s %10s %10s %10s %11s %10s";

  private final List<String> lines = new ArrayList<>();

  private BalanceTable() {}

  /** The lines, the table's sum last. */
  static List<String> of(RssBalance balance) {
    BalanceTable table = new BalanceTable();
    table.line(
        ROW,
        "OWNER",
        "RESIDENT",
        "LIVE",
        "CACHED",
        "PINNED",
        "KEPT",
        "METADATA",
        "UNEXPLAINED",
        "GIVE BACK");
    balance.owners().forEach(table::owner);
    table.rest("program", balance.mappedBytes());
    table.rest("stacks", balance.stackBytes());
    table.rest("files", balance.fileBytes());
    table.rest("shared", balance.sharedBytes());
    table.sum(balance);
    balance.owners().forEach(table::remarks);
    return table.lines;
  }

  private void owner(RssBalance.Line line) {
    if (line.report() == null) {
      unread(line);
      return;
    }
    Balance parts = line.balance();
    line(
        ROW,
        line.owner().wireName(),
        Quantity.size(line.residentBytes()),
        size(parts, Balance.Part.LIVE),
        size(parts, Balance.Part.CACHED),
        size(parts, Balance.Part.PINNED),
        size(parts, Balance.Part.KEPT),
        size(parts, Balance.Part.METADATA),
        Quantity.size(line.unexplainedBytes()),
        size(parts, Balance.Part.GIVE_BACK));
  }

  private void unread(RssBalance.Line line) {
    String bytes = Quantity.size(line.residentBytes());
    line(ROW, line.owner().wireName(), bytes, "-", "-", "-", "-", "-", bytes, "-");
  }

  private static String size(Balance parts, Balance.Part part) {
    return Quantity.size(parts.bytes(part));
  }

  /** What no owner has; a row of nothing is none. */
  private void rest(String name, long bytes) {
    if (bytes > 0) {
      line(ROW, name, Quantity.size(bytes), "", "", "", "", "", "", "");
    }
  }

  private void sum(RssBalance balance) {
    line(
        ROW,
        "all",
        Quantity.size(balance.residentBytes()),
        "",
        "",
        "",
        "",
        "",
        Quantity.size(balance.unexplainedBytes()),
        "");
  }

  /** What is not in a column: of runtimes, of what is not there, and what would help. */
  private void remarks(RssBalance.Line line) {
    OwnerReport report = line.report();
    String name = line.owner().wireName();
    if (report == null) {
      line("%s: its structures were not read, so what it holds is not known", name);
      return;
    }
    Balance parts = report.balance();
    long stacks = parts.bytes(Balance.Part.STACK);
    if (parts.bytes(Balance.Part.GARBAGE) + stacks > 0) {
      line(
          "%s: %s are garbage until the next collection%s",
          name,
          size(parts, Balance.Part.GARBAGE),
          stacks > 0 ? ", " + Quantity.size(stacks) + " are stacks" : "");
    }
    if (parts.bytes(Balance.Part.CODE) > 0) {
      line("%s: %s are compiled code", name, size(parts, Balance.Part.CODE));
    }
    if (parts.bytes(Balance.Part.UNTOUCHED) > 0) {
      line(
          "%s: %s more were asked for and never touched: they take no memory",
          name, size(parts, Balance.Part.UNTOUCHED));
    }
    if (parts.bytes(Balance.Part.GIVE_BACK) > 0 && !report.release().call().isEmpty()) {
      line(
          "%s: %s would give back %s; for good: %s",
          name,
          report.release().call(),
          size(parts, Balance.Part.GIVE_BACK),
          report.release().setting());
    }
  }

  private void line(String format, Object... cells) {
    lines.add(String.format(Locale.ROOT, format, cells).stripTrailing());
  }
}
