#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>

static int prepare_files(posix_spawn_file_actions_t *files, const struct clinux_spawn *request) {
    int code = posix_spawn_file_actions_adddup2(files, request->input, 0);
    if (code == 0) code = posix_spawn_file_actions_adddup2(files, request->output, 1);
    if (code == 0) code = posix_spawn_file_actions_adddup2(files, request->error_output, 2);
    if (code == 0) code = posix_spawn_file_actions_addclosefrom_np(files, 3);
    if (code == 0 && request->directory) code = posix_spawn_file_actions_addchdir_np(files, request->directory);
    return code;
}

int clinux_signal_is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

int clinux_spawn(const struct clinux_spawn *request, pid_t *pid) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int code = posix_spawn_file_actions_init(&files);
    if (code != 0) return -code;
    code = posix_spawnattr_init(&attributes);
    if (code != 0) {
        posix_spawn_file_actions_destroy(&files);
        return -code;
    }
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    code = prepare_files(&files, request);
    if (code == 0)
        code = posix_spawn(pid, request->program, &files, &attributes, request->arguments, request->environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return -code;
}
