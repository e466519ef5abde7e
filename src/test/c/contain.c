/* Runs a program as a container engine does: cgroups, mount and pid namespaces of its own, an
 * overlay as root directory (pivot_root), another user, and, where asked for, a user namespace.
 * usage: contain LOWER SCRATCH UID HOST_UID_OF_0 CGROUP,CGROUP… PROGRAM ARGUMENT…
 * HOST_UID_OF_0 is 0 for no user namespace. SCRATCH is an empty directory for the overlay.
 * Prints "pid N", the program's pid outside; the program's output follows. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(int result, const char *what) {
  if (result < 0) {
    perror(what);
    exit(1);
  }
}

static void put(const char *file, const char *text) {
  int f = open(file, O_WRONLY);
  check(f, file);
  check(write(f, text, strlen(text)), file);
  close(f);
}

static void overlay(const char *lower, const char *scratch) {
  char upper[512], work[512], merged[512], options[2048];
  snprintf(upper, sizeof upper, "%s/upper", scratch);
  snprintf(work, sizeof work, "%s/work", scratch);
  snprintf(merged, sizeof merged, "%s/merged", scratch);
  check(mkdir(upper, 0755) | mkdir(work, 0755) | mkdir(merged, 0755), scratch);
  check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
  snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s,workdir=%s", lower, upper, work);
  check(mount("overlay", merged, "overlay", 0, options), "overlay");
  check(chdir(merged), merged);
  check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
  check(umount2(".", MNT_DETACH), "old root");
}

int main(int argc, char **argv) {
  if (argc < 7) return 2;
  char text[64], *uid = argv[3], *first = argv[4];
  snprintf(text, sizeof text, "%d", getpid());
  for (char *cgroup = strtok(argv[5], ","); cgroup; cgroup = strtok(NULL, ",")) put(cgroup, text);
  check(unshare(CLONE_NEWNS | CLONE_NEWPID), "unshare");
  int proc = open("/proc", O_PATH);
  overlay(argv[1], argv[2]);
  int go[2], asks[2];
  check(pipe(go) | pipe(asks), "pipe");
  pid_t child = fork();
  check(child, "fork");
  if (child == 0) {
    char byte;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (strcmp(first, "0")) check(unshare(CLONE_NEWUSER), "user namespace");
    check(write(asks[1], "a", 1), "ask");
    check(read(go[0], &byte, 1), "go");
    check(setgid(atoi(uid)), "gid");
    check(setuid(atoi(uid)), "uid");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execv(argv[6], argv + 6);
    check(-1, argv[6]);
  }
  char byte;
  check(read(asks[0], &byte, 1), "asked");
  if (strcmp(first, "0")) {
    snprintf(text, sizeof text, "0 %s 65536", first);
    for (int i = 0; i < 2; i++) {
      char file[64];
      snprintf(file, sizeof file, "%d/%s", child, i ? "uid_map" : "gid_map");
      int f = openat(proc, file, O_WRONLY);
      check(f, file);
      check(write(f, text, strlen(text)), file);
      close(f);
    }
  }
  printf("pid %d\n", child);
  fflush(stdout);
  check(write(go[1], "g", 1), "go");
  int status;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
