// The last operation: finding the program as the step's user, and executing it.
// What cannot be executed is a line of the step's log and exit code 1, as with container runtimes.
#define _GNU_SOURCE
#include "Step.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/// "Permission denied" in the lower case of this program's messages.
static const char *reason(int code, char *text, size_t size) {
    const char *description = strerrordesc_np(code);
    snprintf(text, size, "%s", description ? description : "unknown error");
    if (text[0] >= 'A' && text[0] <= 'Z') text[0] = (char)(text[0] + 'a' - 'A');
    return text;
}

_Noreturn static void refuse(const char *program, const char *why) {
    dprintf(2, "exec: \"%s\": %s\n", program, why);
    _exit(1);
}

/// 0, or why the file cannot be executed by this user.
static int executable(const char *path) {
    struct stat status;
    if (stat(path, &status) < 0) return errno;
    if (S_ISDIR(status.st_mode)) return EISDIR;
    return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? errno : 0;
}

static const char *variable(char *const *environment, const char *name) {
    size_t length = strlen(name);
    for (; *environment; environment++)
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=') return *environment + length + 1;
    return "";
}

/// The first executable of that name in the PATH of the step; NULL if there is none.
static const char *search(const char *program, const char *path, char found[PATH_MAX]) {
    while (*path) {
        size_t length = strcspn(path, ":");
        int written = snprintf(found, PATH_MAX, "%.*s/%s", (int)length, length ? path : ".", program);
        if (length == 0) written = snprintf(found, PATH_MAX, "./%s", program);
        if (written < PATH_MAX && executable(found) == 0) return found;
        path += length + (path[length] == ':');
    }
    return NULL;
}

static const char *locate(const char *program, char *const *environment, char found[PATH_MAX]) {
    char text[PATH_MAX + 128], why[64];
    if (!strchr(program, '/')) {
        const char *path = program[0] ? search(program, variable(environment, "PATH"), found) : NULL;
        if (!path) refuse(program, "executable file not found in $PATH");
        return path;
    }
    int code = executable(program);
    if (code == 0) return program;
    reason(code, why, sizeof why);
    if (code == EACCES || code == EISDIR) refuse(program, why);
    snprintf(text, sizeof text, "stat %s: %s", program, why);
    refuse(program, text);
}

_Noreturn void process_execute(struct step *step) {
    size_t count;
    char **arguments = read_list(step, &count);
    char **environment = read_list(step, NULL);
    (void)syscall(SYS_close_range, 3, ~0U, 0);
    if (count == 0) refuse("", "no command specified");
    umask(0022);
    char found[PATH_MAX], why[64];
    const char *path = locate(arguments[0], environment, found);
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    execve(path, arguments, environment);
    dprintf(2, "exec %s: %s\n", path, reason(errno, why, sizeof why));
    _exit(1);
}
