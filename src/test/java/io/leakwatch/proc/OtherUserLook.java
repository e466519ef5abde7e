package io.leakwatch.proc;

import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.memory.MappingTable;

/** Run as another user and without JNA by {@link OtherUserTest}: prints what each look yields. */
final class OtherUserLook {
  private OtherUserLook() {}

  public static void main(String[] args) {
    ProcFs node = ProcFs.live();
    ProcessInfo info = Sampled.value(node.identify(Integer.parseInt(args[0])));
    try (ProcessReader reader = Sampled.value(node.open(info.id()))) {
      System.out.println("exe=" + info.program().exe());
      System.out.println("status=" + Sampled.value(reader.status()).threads());
      System.out.println("smaps=" + reader.smaps(new MappingTable(), ReadMeter.UNPACED));
      System.out.println("scan=" + reader.scan(new MappingTable(), ReadMeter.UNPACED));
      System.out.println("native=" + node.kernelFeatures().nativeProblem());
    }
  }
}
