// Places inside the new root. A symbolic link of the image never leads outside, and what is mounted or created is
// named by descriptors, so that a step running beside cannot exchange a component in between (CVE-2024-23651).
#define _GNU_SOURCE
#include "CSandbox.h"
#include "Step.h"
#include "Wire.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_LINKS = 40, RACE_RETRIES = 128 };

static int open_inside(int root, const char *path, uint64_t flags, uint64_t resolve) {
    struct open_how how = {.flags = flags | O_PATH | O_CLOEXEC, .resolve = resolve | RESOLVE_NO_MAGICLINKS};
    long descriptor;
    int retries = RACE_RETRIES;
    do descriptor = syscall(SYS_openat2, root, path, &how, sizeof how);
    while (descriptor < 0 && (errno == EAGAIN || errno == EINTR) && retries-- > 0);
    return descriptor < 0 ? -errno : (int)descriptor;
}

int target_find(const struct step *step, const char *path) {
    return open_inside(step->root, path, 0, RESOLVE_IN_ROOT);
}

uint64_t mount_identifier(int descriptor) {
    struct statx status;
    if (statx(descriptor, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) < 0) return 0;
    return status.stx_mask & STATX_MNT_ID ? status.stx_mnt_id : 0;
}

/// Where a walk stands: `done` is the path so far, without symbolic links, `rest` what is still to walk.
struct walk {
    int directory;
    char done[PATH_MAX];
    char rest[PATH_MAX];
    int links;
};

static void walk_to(struct step *step, struct walk *walk, int directory) {
    if (directory < 0) step_fail(step, -directory, walk->done);
    if (walk->directory >= 0) close(walk->directory);
    walk->directory = directory;
}

/// Back to the top or to what `done` now names.
static void walk_reopen(struct step *step, struct walk *walk) {
    walk_to(step, walk, open_inside(step->root, walk->done[0] ? walk->done : ".", O_DIRECTORY,
                                    RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS));
}

/// Takes the next component off `rest`; 0 when none is left.
static int next_component(struct walk *walk, char name[NAME_MAX + 2]) {
    const char *start = walk->rest + strspn(walk->rest, "/");
    size_t length = strcspn(start, "/");
    if (length == 0) return 0;
    size_t kept = length > NAME_MAX ? NAME_MAX + 1 : length;  // too long for the kernel, which then says so
    memcpy(name, start, kept);
    name[kept] = 0;
    memmove(walk->rest, start + length, strlen(start + length) + 1);
    return 1;
}

static int is_last(const struct walk *walk) { return walk->rest[strspn(walk->rest, "/")] == 0; }

static void append_done(struct step *step, struct walk *walk, const char *name) {
    size_t length = strlen(walk->done);
    if (length + strlen(name) + 2 > sizeof walk->done) step_fail(step, ENAMETOOLONG, name);
    walk->done[length] = '/';
    strcpy(walk->done + length + 1, name);
}

/// Puts the text of the symbolic link `link` before the rest.
static void follow(struct step *step, struct walk *walk, int link) {
    char text[PATH_MAX];
    ssize_t length = readlinkat(link, "", text, sizeof text - 1);
    if (length < 0) step_fail(step, errno, walk->done);
    if (++walk->links > MAX_LINKS) step_fail(step, ELOOP, walk->done);
    if ((size_t)length + strlen(walk->rest) + 2 > sizeof walk->rest) step_fail(step, ENAMETOOLONG, walk->done);
    text[length] = '/';
    memmove(walk->rest + length + 1, walk->rest, strlen(walk->rest) + 1);
    memcpy(walk->rest, text, (size_t)length + 1);
    close(link);
    if (text[0] != '/') return;
    walk->done[0] = 0;
    walk_reopen(step, walk);
}

static void report_stub(const struct step *step, const struct walk *walk, const char *name) {
    uint64_t mount = mount_identifier(walk->directory);
    if (mount != step->root_mount) return;
    char path[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", walk->done, name);
    wire_report(CSANDBOX_STUB, step->id, step->operation, 0, path);
}

static int create(struct step *step, struct walk *walk, const char *name, const struct target_wish *wish) {
    int made;
    if (wish->directory || !is_last(walk)) {
        made = mkdirat(walk->directory, name, 0755);
    } else {
        made = openat(walk->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (made >= 0) close(made);
    }
    if (made < 0 && errno != EEXIST) return -errno;
    if (made >= 0 && wish->report) report_stub(step, walk, name);
    if (made >= 0 && (wish->uid || wish->gid) &&
        fchownat(walk->directory, name, wish->uid, wish->gid, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    int opened = openat(walk->directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    return opened < 0 ? -errno : opened;
}

int target_make(struct step *step, const char *path, const struct target_wish *wish) {
    const uint64_t resolve = wish->real ? RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS : RESOLVE_IN_ROOT;
    int found = open_inside(step->root, path, 0, resolve);
    if (found >= 0) return found;
    if (found != -ENOENT) step_fail(step, -found, path);
    struct walk walk = {.directory = -1};
    if (strlen(path) >= sizeof walk.rest) step_fail(step, ENAMETOOLONG, path);
    strcpy(walk.rest, path);
    walk_reopen(step, &walk);
    char name[NAME_MAX + 2];
    while (next_component(&walk, name)) {
        if (strcmp(name, ".") == 0) continue;
        if (strcmp(name, "..") == 0) {
            char *slash = strrchr(walk.done, '/');
            if (slash) *slash = 0;
            walk_reopen(step, &walk);
            continue;
        }
        int next = openat(walk.directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0 && errno == ENOENT)
            next = create(step, &walk, name, wish);
        else if (next < 0)
            next = -errno;
        struct stat status;
        if (next >= 0 && fstat(next, &status) == 0 && S_ISLNK(status.st_mode)) {
            if (wish->real) step_fail(step, ELOOP, path);
            follow(step, &walk, next);
            continue;
        }
        walk_to(step, &walk, next);
        append_done(step, &walk, name);
    }
    return walk.directory;
}
