package io.leakwatch.export.profile;

import io.leakwatch.heap.MemoryProfile.Frame;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A heap profile as a flame graph: one SVG file that loads nothing and runs no script. The whole is
 * on top, callers stand above what they called, and the width of a box is its share of the bytes.
 * Each box has its full name and figures as a title, which browsers show under the pointer. Of a
 * difference what was gained is drawn.
 */
public final class FlameGraph {
  private static final double WIDTH = 1200;
  private static final int ROW = 18;
  private static final int HEAD = 44;
  private static final double LEAST_WIDTH = 0.4;
  private static final double LEAST_LABELLED = 28;
  private static final double CHARACTER_WIDTH = 6.6;
  private static final int DEPTH_MAX = 96;
  private static final int NAME_CHARS_MAX = 400;

  private final StringBuilder boxes = new StringBuilder();
  private final double whole;
  private int deepest;

  private FlameGraph(long whole) {
    this.whole = Math.max(1, whole);
  }

  /** What stands below one box. */
  private static final class Node {
    private final Map<String, Node> below = new LinkedHashMap<>();
    private long bytes;
    private long objects;

    void add(HeapProfile.Sample sample) {
      bytes += sample.bytes();
      objects += sample.objects();
    }
  }

  /** The picture. */
  public static String of(HeapProfile profile, boolean isDifference) {
    Node root = new Node();
    for (HeapProfile.Sample sample : profile.samples()) {
      if (sample.bytes() > 0) {
        root.add(sample);
        Node node = root.below.computeIfAbsent(sample.owner(), name -> new Node());
        node.add(sample);
        List<Frame> frames = sample.frames();
        for (int i = frames.size() - 1; i >= Math.max(0, frames.size() - DEPTH_MAX); i--) {
          node = node.below.computeIfAbsent(frames.get(i).name(), name -> new Node());
          node.add(sample);
        }
      }
    }
    FlameGraph graph = new FlameGraph(root.bytes);
    graph.box(isDifference ? "gained" : "in use", root, 0, 0);
    int height = HEAD + (graph.deepest + 1) * ROW + 8;
    return String.format(
            Locale.ROOT,
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" \
            font-family="ui-monospace,Menlo,monospace" font-size="11" fill="#1b2430">
            <rect width="100%%" height="100%%" fill="#fff"/>
            <text x="8" y="18" font-size="14">%s</text>
            <text x="8" y="35">%s %s, %s; a box is as wide as its share of the bytes</text>
            """,
            (int) WIDTH,
            height,
            ForeignText.markup("memory of " + profile.process(), NAME_CHARS_MAX),
            Quantity.size(root.bytes),
            isDifference ? "gained" : "in use",
            profile.time())
        + graph.boxes
        + "</svg>\n";
  }

  private void box(String name, Node node, double x, int depth) {
    double width = node.bytes / whole * WIDTH;
    if (width < LEAST_WIDTH) {
      return;
    }
    deepest = Math.max(deepest, depth);
    int y = HEAD + depth * ROW;
    boxes.append(
        String.format(
            Locale.ROOT,
            "<g><title>%s: %s in %s objects, %s</title>"
                + "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\" stroke=\"#fff\"/>%s</g>%n",
            ForeignText.markup(name, NAME_CHARS_MAX),
            Quantity.size(node.bytes),
            Quantity.count((double) node.objects),
            Quantity.percent(node.bytes / whole),
            x,
            y,
            width,
            ROW,
            colour(name),
            label(ForeignText.harmless(name, NAME_CHARS_MAX), x, y, width)));
    List<Map.Entry<String, Node>> below = new ArrayList<>(node.below.entrySet());
    below.sort(Comparator.comparingLong(entry -> -entry.getValue().bytes));
    double at = x;
    for (Map.Entry<String, Node> one : below) {
      box(one.getKey(), one.getValue(), at, depth + 1);
      at += one.getValue().bytes / whole * WIDTH;
    }
  }

  private static String label(String name, double x, int y, double width) {
    if (width < LEAST_LABELLED) {
      return "";
    }
    int fits = (int) ((width - 6) / CHARACTER_WIDTH);
    String text = name.length() <= fits ? name : name.substring(0, Math.max(1, fits - 1)) + "…";
    return String.format(
        Locale.ROOT,
        "<text x=\"%.1f\" y=\"%d\">%s</text>",
        x + 3,
        y + 13,
        ForeignText.markup(text, NAME_CHARS_MAX));
  }

  /** The same for the same name, so that it is found again in another picture. */
  private static String colour(String name) {
    int hash = name.hashCode();
    return String.format(
        Locale.ROOT,
        "hsl(%d,%d%%,%d%%)",
        12 + Math.floorMod(hash, 40),
        70 + Math.floorMod(hash >> 8, 20),
        66 + Math.floorMod(hash >> 16, 12));
  }
}
