package io.leakwatch.cli.top;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a person asks of the live view by a key. */
enum Key {
  UP,
  DOWN,
  PAGE_UP,
  PAGE_DOWN,
  FIRST,
  LAST,
  /** Enter: opens one process, or goes back to the list. */
  TOGGLE,
  OPEN,
  BACK,
  SORT,
  SUSPEND,
  REDRAW,
  QUIT;

  private static final int ESCAPE = 0x1b;

  /**
   * The keys in what one read of a terminal gave: characters, and escape sequences of ECMA-48 or of
   * a keypad. Others are passed over. A terminal sends a sequence in one piece, so an escape at the
   * end of it is the key of that name.
   */
  static List<Key> of(byte[] read, int length) {
    List<Key> keys = new ArrayList<>();
    int i = 0;
    while (i < length) {
      int c = read[i++];
      if (c != ESCAPE) {
        add(keys, ofCharacter(c));
      } else if (i < length && (read[i] == '[' || read[i] == 'O')) {
        int begin = ++i;
        while (i < length && (read[i] < '@' || read[i] > '~')) {
          i++;
        }
        if (i < length) {
          String parameters = new String(read, begin, i - begin, StandardCharsets.ISO_8859_1);
          add(keys, ofSequence(parameters + (char) read[i++]));
        }
      } else if (i == length || read[i] == ESCAPE) {
        keys.add(BACK);
      } else {
        i++; // Alt and a character.
      }
    }
    return keys;
  }

  private static void add(List<Key> keys, @Nullable Key key) {
    if (key != null) {
      keys.add(key);
    }
  }

  private static @Nullable Key ofCharacter(int c) {
    return switch (c) {
      case 'q', 'Q', 'C' - '@' -> QUIT;
      case 'Z' - '@' -> SUSPEND;
      case 'L' - '@' -> REDRAW;
      case '\r', '\n' -> TOGGLE;
      case 's', 'S' -> SORT;
      case 'k' -> UP;
      case 'j' -> DOWN;
      case 'l' -> OPEN;
      case 'h' -> BACK;
      default -> null;
    };
  }

  private static @Nullable Key ofSequence(String sequence) {
    return switch (sequence) {
      case "A" -> UP;
      case "B" -> DOWN;
      case "C" -> OPEN;
      case "D" -> BACK;
      case "H", "1~", "7~" -> FIRST;
      case "F", "4~", "8~" -> LAST;
      case "5~" -> PAGE_UP;
      case "6~" -> PAGE_DOWN;
      case "M" -> TOGGLE; // Enter of a keypad.
      default -> null;
    };
  }
}
