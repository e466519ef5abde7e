package io.leakwatch.export.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.export.profile.HeapProfile.Sample;
import io.leakwatch.heap.MemoryProfile.Frame;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class FlameGraphTest {
  private static Document picture(boolean isDifference, Sample... samples) throws Exception {
    String svg =
        FlameGraph.of(new HeapProfile("a<b", Instant.EPOCH, List.of(samples)), isDifference);
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }

  private static Sample sample(long bytes, String... frames) {
    return new Sample(
        "go", java.util.Arrays.stream(frames).map(Frame::of).toList(), bytes / 10, bytes);
  }

  /** The box of a name: where it stands and how wide it is. */
  private static double[] box(Document picture, String title) {
    NodeList titles = picture.getElementsByTagName("title");
    for (int i = 0; i < titles.getLength(); i++) {
      if (titles.item(i).getTextContent().startsWith(title + ": ")) {
        Element group = (Element) titles.item(i).getParentNode();
        Element box = (Element) group.getElementsByTagName("rect").item(0);
        return new double[] {
          Double.parseDouble(box.getAttribute("x")),
          Double.parseDouble(box.getAttribute("y")),
          Double.parseDouble(box.getAttribute("width"))
        };
      }
    }
    return new double[0];
  }

  @Test
  void widthsShouldBeSharesAndCallersStandAbove() throws Exception {
    Document picture =
        picture(
            false, sample(600, "alloc", "main"), sample(200, "parse", "main"), sample(200, "x"));
    assertEquals(1200, box(picture, "in use")[2], 0.1);
    assertEquals(960, box(picture, "main")[2], 0.1);
    assertEquals(720, box(picture, "alloc")[2], 0.1);
    assertEquals(240, box(picture, "parse")[2], 0.1);
    assertTrue(box(picture, "main")[1] < box(picture, "alloc")[1]);
    assertEquals(box(picture, "alloc")[0] + 720, box(picture, "parse")[0], 0.1);
  }

  @Test
  void whatWasGivenBackIsNotDrawn() throws Exception {
    Document picture = picture(true, sample(600, "more"), sample(-200, "less"));
    assertEquals(1200, box(picture, "gained")[2], 0.1);
    assertEquals(0, box(picture, "less").length);
  }

  @Test
  void namesOfTheProcessShouldHarmNobody() throws Exception {
    String name = "</title><script>alert(1)</script>&\u0001\ud800'\"";
    Document picture = picture(false, sample(100, name));
    assertEquals(0, picture.getElementsByTagName("script").getLength());
    assertFalse(picture.getDocumentElement().getTextContent().contains("\u0001"));
  }

  @Test
  void depthShouldBeBounded() throws Exception {
    Document picture =
        picture(false, sample(100, Collections.nCopies(5000, "f").toArray(String[]::new)));
    assertTrue(picture.getElementsByTagName("rect").getLength() < 120);
  }
}
