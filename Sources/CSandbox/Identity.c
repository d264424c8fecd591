// Capabilities, groups and ids of the step.
#define _GNU_SOURCE
#include "Step.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_CAPABILITY = 63 };

struct capabilities {
    uint64_t permitted;
    uint64_t effective;
    uint64_t inheritable;
};

static int get(struct capabilities *set) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) < 0) return -errno;
    set->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
    set->effective = data[0].effective | (uint64_t)data[1].effective << 32;
    set->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
    return 0;
}

static int set(const struct capabilities *set) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)set->effective, (uint32_t)set->permitted, (uint32_t)set->inheritable},
        {(uint32_t)(set->effective >> 32), (uint32_t)(set->permitted >> 32), (uint32_t)(set->inheritable >> 32)}};
    return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static void drop_bounding(const struct step *step, uint64_t kept) {
    for (unsigned long capability = 0; capability <= MAX_CAPABILITY; capability++) {
        if (kept >> capability & 1) continue;
        int present = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        if (present < 0) return;  // past the last one that this kernel has
        if (present && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) step_fail(step, errno, "bounding set");
    }
}

/// A pipe belongs to who made it; a step of another user opens it again as /dev/stdout.
static void own_pipes(uid_t uid) {
    struct stat status;
    for (int i = 0; i < 3; i++)
        // EINVAL where the pipe's owner has no id in this user namespace: harmless.
        if (fstat(i, &status) == 0 && S_ISFIFO(status.st_mode)) (void)!fchown(i, uid, (gid_t)-1);
}

static void read_groups(struct step *step) {
    uint64_t wanted = read_number(step), count = read_number(step);
    gid_t *groups = count > 65536 ? NULL : calloc(count + 1, sizeof *groups);
    if (!groups) step_fail(step, EINVAL, "groups");
    for (uint64_t i = 0; i < count; i++) groups[i] = (gid_t)read_number(step);
    if (wanted && setgroups(count, groups) < 0) step_fail(step, errno, "groups");
    free(groups);
}

void process_identity(struct step *step) {
    uid_t uid = (uid_t)read_number(step);
    gid_t gid = (gid_t)read_number(step);
    if (uid != 0) own_pipes(uid);
    read_groups(step);
    uint64_t bounding = read_number(step), permitted = read_number(step);
    uint64_t inheritable = read_number(step), ambient = read_number(step);
    struct capabilities ours = {0};
    if (get(&ours) < 0) step_fail(step, errno, "capabilities");
    drop_bounding(step, bounding);
    if (setresgid(gid, gid, gid) < 0) step_fail(step, errno, "group");
    // Ambient capabilities are the only ones that another user than root keeps when it executes.
    if (ambient && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) step_fail(step, errno, "capabilities");
    if (setresuid(uid, uid, uid) < 0) step_fail(step, errno, "user");
    if (uid != 0 && !ambient) permitted = 0;
    // What the builder itself does not have cannot be given.
    struct capabilities wanted = {.permitted = permitted & ours.permitted,
                                  .effective = permitted & ours.permitted,
                                  .inheritable = inheritable & ours.permitted};
    int code = set(&wanted);
    if (code < 0) step_fail(step, -code, "capabilities");
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (unsigned long capability = 0; capability <= MAX_CAPABILITY; capability++)
        if (ambient & wanted.permitted & wanted.inheritable & 1ULL << capability)
            (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
    // A change of ids has cleared it.
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
}
