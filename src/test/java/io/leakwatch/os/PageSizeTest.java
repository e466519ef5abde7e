package io.leakwatch.os;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.harness.Tool;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How large pages are, here and where they are larger. */
class PageSizeTest {
  @Test
  void shouldAgreeWithTheCLibrary() {
    String told = Tool.run("", List.of("getconf", "PAGESIZE")).output().strip();
    assertEquals(Integer.parseInt(told), PageSize.BYTES);
  }

  @Test
  void shouldReadTheVectorOfAKernelWithLargerPages() {
    assertEquals(65536, PageSize.parse(vector(16, 0xbfebfbff, 6, 65536, 17, 100, 0, 0)));
    assertEquals(16384, PageSize.parse(vector(6, 16384)));
  }

  @Test
  void shouldTakeTheSmallestPageWhereNothingSensibleIsTold() {
    assertEquals(4096, PageSize.parse(new byte[7]));
    assertEquals(4096, PageSize.parse(vector(6, 5000)));
    assertEquals(4096, PageSize.parse(vector(6, 0, 0, 0)));
    assertEquals(4096, PageSize.parse(vector(6, 1L << 40)));
    assertEquals(4096, PageSize.ofThisKernel(Path.of("/nowhere/auxv")));
  }

  private static byte[] vector(long... words) {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * 8).order(ByteOrder.nativeOrder());
    for (long word : words) {
      bytes.putLong(word);
    }
    return bytes.array();
  }
}
