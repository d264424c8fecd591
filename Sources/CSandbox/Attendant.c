// The first process of a step that has no process namespace: what the kernel does there, it does here. Orphans of the
// step become its children, and when the step's program ends, or the spawner does, it kills all that is left.
#define _GNU_SOURCE
#include "Step.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/// The parent of a process; -1 if it is gone.
static pid_t parent_of(pid_t process) {
    char name[32], text[512];
    snprintf(name, sizeof name, "/proc/%d/stat", (int)process);
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return -1;
    text[length] = 0;
    // "12 (name) S 1 …": the name may hold anything.
    const char *end = strrchr(text, ')');
    int parent = -1;
    if (!end || sscanf(end + 1, " %*c %d", &parent) != 1) return -1;
    return parent;
}

static void kill_children(const pid_t *spared, size_t count) {
    DIR *processes = opendir("/proc");
    if (!processes) return;
    for (struct dirent *entry; (entry = readdir(processes));) {
        pid_t process = (pid_t)strtol(entry->d_name, NULL, 10);
        int is_spared = process <= 0 || parent_of(process) != getpid();
        for (size_t i = 0; i < count; i++) is_spared |= spared[i] == process;
        if (!is_spared) (void)kill(process, SIGKILL);
    }
    closedir(processes);
}

void kill_strangers(const pid_t *spared, size_t count) { kill_children(spared, count); }

/// Kills until there is no child left: each one that dies may leave its own to this process.
static void kill_all(void) {
    for (;;) {
        kill_children(NULL, 0);
        int status;
        pid_t ended = waitpid(-1, &status, 0);
        if (ended < 0 && errno == ECHILD) return;
        while (waitpid(-1, &status, WNOHANG) > 0) {}
    }
}

/// Ends as the step's program did.
_Noreturn static void end_as(int status) {
    if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
    int number = WTERMSIG(status);
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    struct sigaction reset = {.sa_handler = SIG_DFL};
    (void)sigaction(number, &reset, NULL);
    sigset_t all;
    sigemptyset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    (void)kill(getpid(), number);
    _exit(128 + number);
}

_Noreturn void attend(uint64_t id, const struct step_files *files) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    (void)sigprocmask(SIG_SETMASK, &signals, NULL);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    // The spawner's end is a request to end, not a death that would leave orphans.
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)setsid();
    pid_t program = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (program == 0) step_main(id, files);
    int status = W_EXITCODE(1, 0);
    if (program < 0) {
        struct step step = {.id = id, .operation = UINT32_MAX};
        step_fail(&step, errno, NULL);
    }
    (void)syscall(SYS_close_range, 3, ~0U, 0);
    for (int number = 0; number != SIGTERM;) {
        number = sigwaitinfo(&signals, NULL);
        if (number != SIGCHLD) continue;
        int ended, one;
        while ((ended = waitpid(-1, &one, WNOHANG)) > 0)
            if (ended == program) {
                status = one;
                number = SIGTERM;
            }
    }
    kill_all();
    end_as(status);
}
