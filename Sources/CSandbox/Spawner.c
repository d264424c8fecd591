// How the spawner comes to be.
//
// It is this executable, started anew from a mount of its own that is read-only (or from a sealed copy in memory):
// a step that executes /proc/self/exe, by a script's first line for example, could otherwise keep a descriptor of
// the builder's executable and overwrite it (CVE-2019-5736). Starting anew also leaves the builder's memory behind,
// so cloning a step does not copy it, and makes start safe in a threaded process: the child shares memory with the
// suspended parent until it executes and only makes system calls.
//
// The spawner is the first process of a process namespace of its own, where that is allowed: whatever kills it, the
// kernel then kills every step.
#define _GNU_SOURCE
#include "CSandbox.h"
#include "Wire.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { LAUNCH_STACK = 64 * 1024, FIRST_FREE = 10 };

/// Runs in the new process before any Swift code and before the C library's other constructors of this executable.
__attribute__((constructor(101))) static void become_spawner(int argc, char **argv) {
    if (argc != 2 || strcmp(argv[0], WIRE_NAME) != 0 || strcmp(argv[1], WIRE_TOKEN) != 0) return;
    int type = 0;
    socklen_t size = sizeof type;
    if (getsockopt(WIRE_SOCKET, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_SEQPACKET) _exit(1);
    spawner_serve();
}

/// A descriptor of the executable through a detached read-only mount. Kernel 5.12; CAP_SYS_ADMIN over the mounts.
static int read_only_executable(void) {
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0) return -1;
    path[length] = 0;
    // Not by the magic link: the mount that it leads to may be of the namespace before unshare, and EINVAL.
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0) return -1;
    struct stat ours, found;
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    if (stat("/proc/self/exe", &ours) == 0 && fstat(tree, &found) == 0 && ours.st_dev == found.st_dev &&
        ours.st_ino == found.st_ino &&
        syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0)
        return tree;
    close(tree);
    return -1;
}

/// A descriptor of a copy of the executable that nobody can change.
static int sealed_executable(void) {
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (from < 0) return -1;
    int copy = memfd_create(WIRE_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    ssize_t moved = copy < 0 ? -1 : 1;
    while (moved > 0) moved = sendfile(copy, from, NULL, 1 << 30);
    close(from);
    if (moved == 0 && fcntl(copy, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
        return copy;
    if (copy >= 0) close(copy);
    return -1;
}

struct launch {
    int socket;
    int executable;
    int code;  // errno of a launch that failed
    char *const *environment;
};

/// In the new process, which shares the parent's memory until execveat: system calls only.
static int launch(void *argument) {
    struct launch *launch = argument;
    char *const arguments[] = {WIRE_NAME, WIRE_TOKEN, NULL};
    struct sigaction reset = {.sa_handler = SIG_DFL};
    for (int signal = 1; signal < NSIG; signal++) (void)sigaction(signal, &reset, NULL);
    // Away from 3, in case the executable has that number.
    int executable = fcntl(launch->executable, F_DUPFD_CLOEXEC, FIRST_FREE);
    int socket = fcntl(launch->socket, F_DUPFD_CLOEXEC, FIRST_FREE);
    if (executable >= 0 && socket >= 0 && dup2(socket, WIRE_SOCKET) >= 0)
        (void)syscall(SYS_execveat, executable, "", arguments, launch->environment, AT_EMPTY_PATH);
    launch->code = errno;
    _exit(127);
}

static pid_t clone_launch(struct launch *request, int flags) {
    char *stack = mmap(NULL, LAUNCH_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) return -1;
    sigset_t all, before;
    sigfillset(&all);
    // No handler of the builder may run in the child while memory is shared.
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = clone(launch, stack + LAUNCH_STACK, flags | CLONE_VM | CLONE_VFORK | SIGCHLD, request);
    int code = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    munmap(stack, LAUNCH_STACK);
    errno = code;
    return pid;
}

/// Gives the pid, or -errno.
static pid_t start_from(int socket, int executable, struct csandbox_spawner *spawner) {
    // The spawner has no use for the builder's environment, and a step must not find it in /proc.
    char *environment[2] = {NULL, NULL};
    for (char **entry = environ; entry && *entry; entry++)
        if (strncmp(*entry, "LD_LIBRARY_PATH=", 16) == 0) environment[0] = *entry;
    struct launch request = {.socket = socket, .executable = executable, .environment = environment};
    spawner->own_process_namespace = 1;
    pid_t pid = clone_launch(&request, CLONE_NEWPID);
    if (pid < 0) {
        // EPERM without CAP_SYS_ADMIN, ENOSPC where process namespaces are limited, EINVAL where there are none.
        spawner->own_process_namespace = 0;
        pid = clone_launch(&request, 0);
    }
    if (pid < 0) return -errno;
    if (request.code == 0) return pid;
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    return -request.code;
}

/// The first report must say that the spawner serves.
static int await_ready(struct csandbox_spawner *spawner) {
    struct csandbox_report report;
    char text[CSANDBOX_TEXT_MAX];
    int descriptor;
    int received = csandbox_receive(spawner->socket, &report, text, &descriptor);
    if (descriptor >= 0) close(descriptor);
    if (received == 1 && report.kind == CSANDBOX_READY) return 0;
    (void)kill(spawner->pid, SIGKILL);
    while (waitpid(spawner->pid, NULL, 0) < 0 && errno == EINTR) {}
    return received < 0 ? received : -ECONNRESET;
}

int csandbox_start(struct csandbox_spawner *spawner) {
    int (*const executables[])(void) = {read_only_executable, sealed_executable};
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return -errno;
    pid_t pid = -ENOEXEC;
    for (int i = 0; i < 2 && pid < 0; i++) {
        int executable = executables[i]();
        if (executable < 0) continue;
        pid = start_from(pair[1], executable, spawner);
        close(executable);
    }
    close(pair[1]);
    spawner->pid = pid;
    spawner->socket = pair[0];
    int code = pid < 0 ? pid : await_ready(spawner);
    if (code < 0) close(pair[0]);
    return code;
}
