package io.leakwatch.symbols;

import io.leakwatch.elf.ElfImage;
import io.leakwatch.proc.TargetFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Separate files that hold the symbols of a stripped module, where gdb looks for them too: by build
 * id below /usr/lib/debug/.build-id, else by the name in .gnu_debuglink beside the module, in its
 * .debug directory, and below /usr/lib/debug. All in the file system of the process. A file counts
 * only when its build id is the module's.
 */
final class DebugFiles {
  private static final String DEBUG_ROOT = "/usr/lib/debug";
  private static final int LINK_BYTES_MAX = 4096;

  private final TargetFiles files;

  DebugFiles(TargetFiles files) {
    this.files = files;
  }

  /**
   * The file with the symbols, open.
   *
   * @param path of the module in the process' eyes
   */
  Optional<ElfImage> find(ElfImage image, String path) throws IOException {
    String id = image.buildId();
    if (id.length() < 4) {
      return Optional.empty();
    }
    List<String> candidates = new ArrayList<>();
    candidates.add(
        DEBUG_ROOT + "/.build-id/" + id.substring(0, 2) + "/" + id.substring(2) + ".debug");
    String link = link(image);
    if (!link.isEmpty() && link.indexOf('/') < 0) {
      String directory = path.substring(0, path.lastIndexOf('/') + 1);
      candidates.add(directory + link);
      candidates.add(directory + ".debug/" + link);
      candidates.add(DEBUG_ROOT + directory + link);
    }
    for (String candidate : candidates) {
      Optional<ElfImage> found =
          candidate.equals(path) ? Optional.empty() : openIfSame(candidate, id);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<ElfImage> openIfSame(String file, String id) {
    try {
      Optional<ElfImage> opened = ElfImage.open(files.find(file));
      if (opened.isPresent() && !opened.get().buildId().equals(id)) {
        opened.get().close();
        return Optional.empty();
      }
      return opened;
    } catch (IOException e) {
      return Optional.empty(); // Not there or not ours to read: the next candidate may be.
    }
  }

  private static String link(ElfImage image) throws IOException {
    for (ElfImage.Section section : image.sections()) {
      if (section.name().equals(".gnu_debuglink")) {
        ElfImage.Extent extent = section.extent();
        ByteBuffer bytes =
            image.file().read(extent.offset(), Math.min(extent.bytes(), LINK_BYTES_MAX));
        String text = StandardCharsets.ISO_8859_1.decode(bytes).toString();
        int end = text.indexOf(0);
        return end < 0 ? "" : text.substring(0, end);
      }
    }
    return "";
  }
}
