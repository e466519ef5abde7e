/* Opens the library named by its argument, and calls its grow() for each line on standard input. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv) {
  void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  void (*grow)(void) = (void (*)(void))dlsym(library, "grow");
  char line[64];
  printf("ready\n");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    grow();
    printf("grown\n");
    fflush(stdout);
  }
  return 0;
}
