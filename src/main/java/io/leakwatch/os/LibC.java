package io.leakwatch.os;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/** The C library's functions that this program calls; load it through {@link NativeEdge} only. */
final class LibC {
  static final int O_RDONLY = 0;
  static final int O_CLOEXEC = 02000000;
  static final int O_NOFOLLOW = ofArchitecture(0400000, 0100000);
  static final int O_PATH = 010000000;

  static {
    Native.register(LibC.class, NativeLibrary.getInstance("c"));
  }

  private LibC() {}

  /** A flag that differs between x86 (asm-generic/fcntl.h) and arm64 (its own). */
  private static int ofArchitecture(int generic, int arm64) {
    return System.getProperty("os.arch", "").equals("aarch64") ? arm64 : generic;
  }

  /** Forces the static initialiser, that is the loading of JNA and its registration. */
  static void load() {}

  static native long process_vm_readv(
      int pid, long local, long localCount, long remote, long remoteCount, long flags);

  static native int open(String path, int flags);

  static native int openat(int directory, String path, int flags);

  static native long readlinkat(int directory, String path, byte[] into, long length);

  static native int close(int descriptor);

  static native int ioctl(int descriptor, long request, long argument);

  static native int kill(int pid, int signal);

  static native int socket(int domain, int type, int protocol);

  static native long sendto(
      int descriptor, byte[] bytes, long length, int flags, byte[] address, int addressLength);

  /** Four arguments of any call; the C library's own wrapper takes as many as the call has. */
  static native long syscall(long number, long first, long second, long third, long fourth);

  static native String strerror(int errno);

  static native int getpriority(int which, int who);

  static native int sched_getscheduler(int pid);
}
