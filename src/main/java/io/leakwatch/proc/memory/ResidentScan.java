package io.leakwatch.proc.memory;

import io.leakwatch.os.PageScan;
import io.leakwatch.os.PageSize;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable.Field;

/**
 * Resident and swapped bytes of every mapping of a table, from page scans in small windows.
 *
 * <p>A window holds the target's mmap_lock, and its cost is that of the page tables under it: 13 ns
 * per present page. So windows are filled with neighbouring mappings until they span {@link
 * Pagemap#WINDOW_BYTES} of mapped addresses; the gaps between mappings cost nothing. Mappings
 * without any permission are mostly reserved and empty, so they count a thirty-second, and half of
 * that after each call that found nothing: a buffer pool may reserve 8 TiB. Should one be full all
 * the same, a call still stops after 1,024 pages found.
 *
 * <p>Two things differ from smaps' Rss: pages of vvar and of device mappings are present without
 * being counted there (the former are left out by name, the latter cannot be distinguished), and a
 * mapping that appears between the two reads has no figures. The zero page is no Rss.
 */
public final class ResidentScan {
  private static final int PROT_NONE_SHARE = 32;

  /** 4 GiB at once: empty page tables of so much take a millisecond. */
  private static final int PROT_NONE_SHARE_MAX = 2048;

  private static final long PAGE_BYTES = PageSize.BYTES;

  private final Pagemap pagemap;
  private final MappingTable table;
  private int at;
  private int reservedShare = PROT_NONE_SHARE;
  private boolean foundAny;

  private ResidentScan(Pagemap pagemap, MappingTable table) {
    this.pagemap = pagemap;
    this.table = table;
  }

  /** Fills {@link Field#RSS} and {@link Field#SWAP} of the table. */
  public static Outcome<Boolean> fill(Pagemap pagemap, MappingTable into, ReadMeter meter) {
    return new ResidentScan(pagemap, into).fill(meter);
  }

  private Outcome<Boolean> fill(ReadMeter meter) {
    int i = 0;
    long done = 0;
    while (i < table.size() && table.start(i) >= 0) {
      if (isSpecial(table, i)) {
        i++;
        done = 0;
        continue;
      }
      long start = table.start(i) + done;
      long share = share(table, i);
      long room = Pagemap.WINDOW_BYTES;
      long end = start;
      while (room > 0 && i < table.size() && table.start(i) >= 0 && !isSpecial(table, i)) {
        share = share(table, i);
        long from = table.start(i) + done;
        long take = Math.min(table.end(i) - from, room * share);
        end = from + take;
        room -= (take + share * PAGE_BYTES - 1) / (share * PAGE_BYTES) * PAGE_BYTES;
        if (end == table.end(i)) {
          i++;
          done = 0;
        } else {
          done += take;
        }
      }
      foundAny = false;
      Outcome<Boolean> outcome = pagemap.walkWindow(start, end, meter, this::receive);
      reservedShare = foundAny ? PROT_NONE_SHARE : Math.min(PROT_NONE_SHARE_MAX, 2 * reservedShare);
      if (!(outcome instanceof Outcome.Sampled)) {
        return outcome;
      }
    }
    return Outcome.sampled(true);
  }

  private long share(MappingTable table, int i) {
    boolean reserved = !table.isReadable(i) && !table.isWritable(i) && !table.isExecutable(i);
    return reserved ? reservedShare : 1;
  }

  private static boolean isSpecial(MappingTable table, int i) {
    return table.name(i).startsWith("[vvar") || table.name(i).equals("[vsyscall]");
  }

  private void receive(long start, long end, int categories) {
    foundAny = true;
    if ((categories & PageScan.ZERO_PAGE) != 0) {
      return;
    }
    Field field = (categories & PageScan.PRESENT) != 0 ? Field.RSS : Field.SWAP;
    while (at < table.size() && table.end(at) <= start) {
      at++;
    }
    int i = at;
    while (i < table.size() && table.start(i) >= 0 && table.start(i) < end) {
      long from = Math.max(start, table.start(i));
      long to = Math.min(end, table.end(i));
      if (to > from) {
        table.set(i, field, table.get(i, field) + (to - from));
      }
      i++;
    }
  }
}
