// What Landlock forbids a step, and a step without namespaces: chroot, and what keeps it there.
#define _GNU_SOURCE
#include "CSandbox.h"
#include "Step.h"
#include "Wire.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

void process_change_root(struct step *step) {
    const char *path = read_text(step);
    int root = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (root < 0) step_fail(step, errno, path);
    if (fchdir(root) < 0 || chroot(".") < 0 || chdir("/") < 0) step_fail(step, errno, path);
    // No descriptor of the outside may be left: through one, chroot is left again.
    (void)syscall(SYS_close_range, WIRE_SOCKET + 1, ~0U, 0);
    step->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (step->root < 0) step_fail(step, errno, "/");
    step->root_mount = mount_identifier(step->root);
}

/// As of Landlock 6 (kernel 6.12); the structure grows, and a kernel takes of it what it knows.
struct ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scopes;
};

enum {
    SCOPE_ABSTRACT_SOCKETS = 1,
    SCOPE_SIGNALS = 2,
    FIRST_WITH_RENAMES = 2,   // before, no file could be renamed into another directory
    FIRST_WITH_SCOPES = 6,
    FILES_OF_VERSION_2 = 0x3fff,
    TRUNCATION = 0x4000,
};

void process_scope(void) {
    const struct ruleset rules = {.scopes = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS};
    // E2BIG and EINVAL from a kernel that knows less, EOPNOTSUPP from one where Landlock is off.
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    if (ruleset < 0) return;
    // Without CAP_SYS_ADMIN it would want no_new_privs, and sudo would not work: then it is left.
    (void)syscall(SYS_landlock_restrict_self, ruleset, 0);
    close(ruleset);
}

static int ruleset_open(int version) {
    struct ruleset rules = {.files = FILES_OF_VERSION_2 | (version >= 3 ? TRUNCATION : 0)};
    size_t size = sizeof rules.files;
    if (version >= FIRST_WITH_SCOPES) {
        rules.scopes = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
        size = sizeof rules;
    }
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    if (ruleset < 0) return -errno;
    struct landlock_path_beneath_attr below = {.allowed_access = rules.files};
    below.parent_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int failed = below.parent_fd < 0 ||
                 syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &below, 0) < 0;
    int code = errno;
    if (below.parent_fd >= 0) close(below.parent_fd);
    if (!failed) return ruleset;
    close(ruleset);
    return -code;
}

void process_confine(struct step *step) {
    // Without CAP_SYS_ADMIN neither a filter nor Landlock is to be had otherwise.
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) step_fail(step, errno, NULL);
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    // What it adds to chroot, capabilities and the filter is a second lock, and that processes outside get no signals.
    if (version < FIRST_WITH_RENAMES) return;
    int ruleset = ruleset_open((int)version);
    if (ruleset < 0) step_fail(step, -ruleset, "landlock");
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0) step_fail(step, errno, "landlock");
    close(ruleset);
}
