#define _GNU_SOURCE
#include "CLinux.h"
#include "Internal.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int clinux_unshare(int user) { return unshare((user ? CLONE_NEWUSER : 0) | CLONE_NEWNS) < 0 ? -errno : 0; }

int clinux_unshare_paths(void) { return unshare(CLONE_FS) < 0 ? -errno : 0; }

int clinux_become_root(int keep_groups) {
    if (!keep_groups && setgroups(0, NULL) < 0) return -errno;
    if (setresgid(0, 0, 0) < 0) return -errno;
    return setresuid(0, 0, 0) < 0 ? -errno : 0;
}

int clinux_write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    size_t size = strlen(text);
    ssize_t written;
    do written = write(file, text, size);
    while (written < 0 && errno == EINTR);
    int code = written < 0 ? -errno : (size_t)written == size ? 0 : -EIO;
    close(file);
    return code;
}

int clinux_fork(void) {
    pid_t child = fork();
    return child < 0 ? -errno : child;
}

/// Makes a mount of /proc for the present process namespace, and drops it.
static int make_proc(void) {
    int context = clinux_fsopen("proc");
    if (context < 0) return context;
    int code = clinux_fsconfig_create(context);
    int mount = code < 0 ? code : clinux_fsmount(context, 0);
    close(context);
    if (mount >= 0) close(mount);
    return mount < 0 ? mount : 0;
}

int clinux_probe_proc(void) {
    if (unshare(CLONE_NEWPID) < 0) return -errno;
    pid_t child = fork();
    if (child < 0) return -errno;
    if (child == 0) _exit(-make_proc());
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return -errno;
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECANCELED;
}

int clinux_change_root(const char *path) { return chroot(path) < 0 || chdir("/") < 0 ? -errno : 0; }

/// Says on the message pipe why a file could not be written.
static void complain(const char *path, int code) {
    const char *reason = strerrordesc_np(-code);
    if (reason == NULL) reason = "unknown error";
    (void)!write(2, path, strlen(path));
    (void)!write(2, ": ", 2);
    (void)!write(2, reason, strlen(reason));
}

static int run_command(char *const *command) {
    pid_t child = fork();
    if (child < 0) return -1;
    if (child == 0) {
        execv(command[0], command);
        complain(command[0], -errno);
        _exit(127);
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static int write_map(pid_t target, const char *file, const char *text) {
    char path[64] = "/proc/";
    strcpy(append_number(path + 6, (unsigned long)target), file);
    int code = clinux_write_file(path, text);
    if (code < 0) complain(path, code);
    return code;
}

/// The child: waits for one byte, then writes the maps of its parent's new namespace from outside of it.
static void serve(const struct clinux_mapper *mapper, int go) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char byte;
    ssize_t n;
    do n = read(go, &byte, 1);
    while (n < 0 && errno == EINTR);
    if (n != 1) _exit(CLINUX_NOT_ASKED);
    int failed = mapper->user_command ? run_command(mapper->user_command)
                                      : write_map(mapper->target, "/uid_map", mapper->user_map);
    if (failed) _exit(CLINUX_USER_MAP_FAILED);
    failed = mapper->group_command ? run_command(mapper->group_command)
                                   : write_map(mapper->target, "/gid_map", mapper->group_map);
    _exit(failed ? CLINUX_GROUP_MAP_FAILED : CLINUX_MAPPED);
}

int clinux_mapper_start(const struct clinux_mapper *mapper, struct clinux_mapper_process *process) {
    int go[2], messages[2];
    if (pipe2(go, O_CLOEXEC) < 0) return -errno;
    if (pipe2(messages, O_CLOEXEC) < 0) {
        int code = errno;
        close(go[0]);
        close(go[1]);
        return -code;
    }
    pid_t child = fork();
    int code = errno;
    if (child == 0) {
        close(go[1]);
        close(messages[0]);
        dup2(messages[1], 1);
        dup2(messages[1], 2);
        serve(mapper, go[0]);
    }
    close(go[0]);
    close(messages[1]);
    if (child < 0) {
        close(go[1]);
        close(messages[0]);
        return -code;
    }
    *process = (struct clinux_mapper_process){.pid = child, .go = go[1], .messages = messages[0]};
    return 0;
}

int clinux_mapper_finish(struct clinux_mapper_process *process, int proceed, char *text, size_t size) {
    // The child may already be gone; SIGPIPE must not end this process.
    void (*previous)(int) = signal(SIGPIPE, SIG_IGN);
    if (proceed) (void)!write(process->go, "g", 1);
    signal(SIGPIPE, previous);
    close(process->go);
    size_t length = 0;
    char chunk[512];
    for (;;) {
        ssize_t n = read(process->messages, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        for (ssize_t i = 0; i < n && length + 1 < size; i++) text[length++] = chunk[i];
    }
    if (size > 0) text[length] = 0;
    close(process->messages);
    int status;
    while (waitpid(process->pid, &status, 0) < 0)
        if (errno != EINTR) return CLINUX_NOT_ASKED;
    return WIFEXITED(status) ? WEXITSTATUS(status) : CLINUX_NOT_ASKED;
}
