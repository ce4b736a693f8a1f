// SPDX-License-Identifier: Apache-2.0
/* Times whole processes, one against the other, in one run.
 *
 *   timing ROUNDS WARMUPS < PLAN > SAMPLES
 *
 * A line of the plan is one case, its five fields parted by tabs:
 *
 *   LABEL  PID  RESET  CHECK  COMMAND
 *
 * PID is a process in whose network and mount namespaces the case runs. RESET, CHECK and COMMAND
 * are words parted by blanks; leading words with a "=" go into the environment of all three. Every
 * round runs every case once: first RESET, not timed, then COMMAND, from just before vfork (a copy
 * of this program's memory is no part of an event) to just after wait4. Odd rounds go through the
 * cases backwards, so that none has always the same neighbour. Warm-up rounds come first and leave
 * no sample; after each of their runs CHECK must succeed.
 *
 * A sample is one line: label, round, nanoseconds, microseconds of user and of system time, peak
 * memory in KiB, page faults without and with a disk, context switches. Any program that fails
 * ends all, with exit 1.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { most_cases = 64, most_words = 64 };

struct words {
  int count;
  char* word[most_words + 1];
};

struct namespace {
  int net, mount;
};

struct benchmark {
  const char* label;
  struct namespace home;
  char** environment;
  struct words reset, check, command;
};

struct sample {
  int status;
  long nanoseconds;
  struct rusage usage;
};

static struct benchmark cases[most_cases];
static int case_count;

static void die(const char* doing, const char* what) {
  fprintf(stderr, "timing: %s %s: %s\n", doing, what, strerror(errno));
  exit(1);
}

/* --- the plan --------------------------------------------------------------------------------- */

static int open_namespace(const char* pid, const char* kind) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, kind);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die("opening", path);
  return fd;
}

static struct words split(char* text) {
  struct words words = {0};
  for (char* word; (word = strsep(&text, " "));)
    if (*word && words.count < most_words) words.word[words.count++] = word;
  return words;
}

/* Our own environment, and before it the first words that have a "=". */
static char** with_ours(struct words* words) {
  size_t ours = 0;
  int count = 0;
  while (environ[ours]) ours++;
  char** all = calloc(most_words + ours + 1, sizeof *all);
  while (count < words->count && strchr(words->word[count], '=')) count++;
  memcpy(all, words->word, sizeof *all * (size_t)count);
  memcpy(all + count, environ, sizeof *all * ours);
  words->count -= count;
  memmove(words->word, words->word + count, sizeof *all * (size_t)(words->count + 1));
  return all;
}

static void read_case(char* line) {
  struct benchmark* it = &cases[case_count++];
  char* field[5] = {0};
  for (int i = 0; i < 5; i++) field[i] = strsep(&line, "\t");
  if (!field[4] || case_count == most_cases) {
    fprintf(stderr, "timing: not a case, or one too many: %s\n", field[0]);
    exit(2);
  }
  it->label = field[0];
  it->home = (struct namespace){open_namespace(field[1], "net"), open_namespace(field[1], "mnt")};
  it->reset = split(field[2]);
  it->check = split(field[3]);
  it->command = split(field[4]);
  it->environment = with_ours(&it->command);
}

static void read_plan(void) {
  char* line = NULL;
  size_t size = 0;
  ssize_t length;
  while ((length = getline(&line, &size, stdin)) > 0) {
    if (line[length - 1] == '\n') line[length - 1] = 0;
    if (*line) read_case(strdup(line));
  }
  if (!freopen("/dev/null", "r", stdin)) die("opening", "/dev/null");
}

/* --- running ---------------------------------------------------------------------------------- */

static void go_home(const struct benchmark* it) {
  if (setns(it->home.net, CLONE_NEWNET) || setns(it->home.mount, CLONE_NEWNS))
    die("entering the namespaces of", it->label);
}

/* In a child that shares our memory until it is another program. As libxl starts a script: nothing
 * on stdin, and stdout where stderr goes. */
static void become(const struct benchmark* it, const struct words* command) {
  dup2(2, 1);
  execve(command->word[0], command->word, it->environment);
  _exit(127);
}

static struct sample run(const struct benchmark* it, const struct words* command) {
  struct sample sample = {0};
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  pid_t child = vfork();
  if (child == 0) become(it, command);
  if (child < 0 || wait4(child, &sample.status, 0, &sample.usage) < 0) die("running", it->label);
  clock_gettime(CLOCK_MONOTONIC, &end);
  sample.nanoseconds = (end.tv_sec - start.tv_sec) * 1000000000L + (end.tv_nsec - start.tv_nsec);
  return sample;
}

static struct sample run_well(const struct benchmark* it, const struct words* command,
                              const char* what) {
  struct sample sample = run(it, command);
  if (sample.status == 0) return sample;
  fprintf(stderr, "timing: %s: %s (%s) failed with status 0x%x\n", it->label, what,
          command->word[0], sample.status);
  exit(1);
}

static long microseconds(struct timeval time) {
  return time.tv_sec * 1000000L + time.tv_usec;
}

static void report(const struct benchmark* it, int round, const struct sample* sample) {
  const struct rusage* usage = &sample->usage;
  printf("%s\t%d\t%ld\t%ld\t%ld\t%ld\t%ld\t%ld\t%ld\n", it->label, round, sample->nanoseconds,
         microseconds(usage->ru_utime), microseconds(usage->ru_stime), usage->ru_maxrss,
         usage->ru_minflt, usage->ru_majflt, usage->ru_nvcsw + usage->ru_nivcsw);
}

static void run_round(int round) {
  for (int i = 0; i < case_count; i++) {
    const struct benchmark* it = &cases[round % 2 ? case_count - 1 - i : i];
    go_home(it);
    run_well(it, &it->reset, "reset");
    struct sample sample = run_well(it, &it->command, "the program");
    if (round < 0)
      run_well(it, &it->check, "check");
    else
      report(it, round, &sample);
  }
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: timing ROUNDS WARMUPS < PLAN\n");
    return 2;
  }
  int rounds = atoi(argv[1]), warmups = atoi(argv[2]);
  read_plan();
  for (int round = -warmups; round < rounds; round++) run_round(round);
  return 0;
}
