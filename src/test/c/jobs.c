/* Loses jobs whose operations are a constant table, as C programs do it.
 * For each line on its standard input it loses 2,000 more and answers "grown". */
#include <stdio.h>
#include <stdlib.h>

struct job;
struct job_operations {
  int (*run)(struct job *);
  void (*finish)(struct job *);
};
struct job {
  long number;
  const struct job_operations *operations;
  long state[10];
};

static int run(struct job *j) { return (int)j->number; }
static void finish(struct job *j) { j->state[0] = 1; }
static const struct job_operations disk_operations = {run, finish};

int main(void) {
  char line[64];
  long n = 0;
  printf("ready\n");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    for (int i = 0; i < 2000; i++) {
      struct job *j = calloc(1, sizeof *j);
      j->number = n++;
      j->operations = &disk_operations;
      j->operations->finish(j);
    }
    printf("grown\n");
    fflush(stdout);
  }
  return 0;
}
