// The operations that build the new root, and the one that enters it.
#define _GNU_SOURCE
#include "CSandbox.h"
#include "Step.h"
#include "Wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

/// For kernels before 5.12: the flags of one mount that is in its place. A user namespace may not drop those it has.
static int remount(int tree, uint64_t attributes) {
    char name[32];
    struct statvfs present;
    snprintf(name, sizeof name, "/proc/self/fd/%d", tree);
    if (fstatvfs(tree, &present) < 0) return -errno;
    unsigned long flags = present.f_flag & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME);
    flags |= attributes & (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    return mount(NULL, name, NULL, flags | MS_REMOUNT | MS_BIND, NULL) < 0 ? -errno : 0;
}

/// Puts a detached mount on a target (a name below the descriptor, or "" for itself), with more attributes.
static void attach(const struct step *step, int tree, uint64_t attributes, int recursive, int place, const char *name,
                   const char *detail) {
    struct mount_attr wanted = {.attr_set = attributes};
    unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
    long code = attributes ? syscall(SYS_mount_setattr, tree, "", flags, &wanted, sizeof wanted) : 0;
    int old_kernel = code < 0 && errno == ENOSYS;
    if (code < 0 && !old_kernel) step_fail(step, errno, detail);
    flags = MOVE_MOUNT_F_EMPTY_PATH | (name[0] ? 0 : MOVE_MOUNT_T_EMPTY_PATH);
    if (syscall(SYS_move_mount, tree, "", place, name, flags) < 0) step_fail(step, errno, detail);
    if (!old_kernel) return;
    int done = remount(tree, attributes);
    if (done < 0) step_fail(step, -done, detail);
}

static int is_directory(const struct step *step, int descriptor) {
    struct stat status;
    if (fstat(descriptor, &status) < 0) step_fail(step, errno, NULL);
    return S_ISDIR(status.st_mode);
}

/// Puts a detached mount on a path inside the root; the mount point is created if missing.
static void attach_inside(struct step *step, int tree, uint64_t attributes, uint64_t flags, const char *path) {
    struct target_wish wish = {
        .directory = is_directory(step, tree), .real = (flags & CSANDBOX_REAL_DIRECTORY) != 0, .report = 1};
    int target = target_make(step, path, &wish);
    attach(step, tree, attributes, (flags & CSANDBOX_RECURSIVE) != 0, target, "", path);
    close(target);
    close(tree);
}

/// A clone of one mount, from a place below it on.
static int clone_tree(const struct step *step, int place, const char *name, int recursive, const char *detail) {
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (name[0] ? 0 : AT_EMPTY_PATH) | (recursive ? AT_RECURSIVE : 0);
    int tree = (int)syscall(SYS_open_tree, place, name, flags);
    if (tree < 0) step_fail(step, errno, detail);
    return tree;
}

void mount_private(struct step *step) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) step_fail(step, errno, NULL);
}

void mount_root(struct step *step) {
    const char *place = read_text(step);
    uint64_t attributes = read_number(step);
    // The tmpfs is mounted over a directory that the plan names, so no scratch directory has to be made and removed.
    int below = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (below < 0) step_fail(step, errno, place);
    step->root = source_open(step, "", 1);
    if (step->root < 0) step_fail(step, -step->root, place);
    char *const options[] = {"mode=0700", NULL};
    char log[256];
    step->staging = filesystem_open("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, log, sizeof log);
    if (step->staging < 0) step_fail(step, -step->staging, log);
    attach(step, step->staging, 0, 0, below, "", place);
    close(below);
    if (mkdirat(step->staging, "root", 0700) < 0 || mkdirat(step->staging, "empty", 0755) < 0)
        step_fail(step, errno, place);
    attach(step, step->root, attributes, 1, step->staging, "root", place);
    step->root_mount = mount_identifier(step->root);
}

void mount_bind(struct step *step) {
    const char *subpath = read_text(step);
    const char *target = read_text(step);
    uint64_t attributes = read_number(step);
    uint64_t flags = read_number(step);
    int tree = source_open(step, subpath, (flags & CSANDBOX_RECURSIVE) != 0);
    if (tree < 0 && (flags & CSANDBOX_OPTIONAL)) return;
    if (tree < 0) step_fail(step, -tree, NULL);
    attach_inside(step, tree, attributes, flags, target);
}

/// devpts in a map without group 5: the option that names it is left out.
static void drop_group(char **options) {
    char **kept = options;
    for (; *options; options++)
        if (strncmp(*options, "gid=", 4) != 0) *kept++ = *options;
    *kept = NULL;
}

void mount_filesystem(struct step *step) {
    const char *type = read_text(step);
    char **options = read_list(step, NULL);
    uint64_t attributes = read_number(step);
    const char *target = read_text(step);
    uint64_t flags = read_number(step);
    char log[256];
    int tree = filesystem_open(type, options, attributes, log, sizeof log);
    if (tree == -EINVAL && strcmp(type, "devpts") == 0) {
        drop_group(options);
        tree = filesystem_open(type, options, attributes, log, sizeof log);
    }
    if (tree < 0 && (flags & CSANDBOX_OPTIONAL)) return;
    if (tree < 0) step_fail(step, -tree, log);
    attach_inside(step, tree, 0, flags, target);
}

static void write_all(const struct step *step, int file, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t written = write(file, bytes, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) step_fail(step, errno, NULL);
        bytes += written;
        size -= (size_t)written;
    }
}

void mount_file(struct step *step) {
    const char *target = read_text(step);
    size_t size;
    const char *contents = read_bytes(step, &size);
    uint64_t mode = read_number(step), uid = read_number(step), gid = read_number(step);
    uint64_t attributes = read_number(step);
    size_t length;
    const char *record = read_bytes(step, &length);
    char name[16];
    snprintf(name, sizeof name, "%u", step->staged++);
    int file = openat(step->staging, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) step_fail(step, errno, target);
    write_all(step, file, contents, size);
    if (fchown(file, (uid_t)uid, (gid_t)gid) < 0 || fchmod(file, (mode_t)mode) < 0) step_fail(step, errno, target);
    // A tmpfs before kernel 6.6 refuses: then the file is shown as root's.
    if (length > 0) (void)fsetxattr(file, CSANDBOX_OWNER, record, length, 0);
    close(file);
    attach_inside(step, clone_tree(step, step->staging, name, 0, target), attributes, 0, target);
}

static int null_device(const struct step *step) {
    struct stat status;
    int null = open("/dev/null", O_PATH | O_CLOEXEC);
    if (null < 0 || fstat(null, &status) < 0) step_fail(step, errno, "/dev/null");
    // Anything else that has been put there would show its contents instead of nothing (CVE-2025-31133).
    if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3)) step_fail(step, ENODEV, "/dev/null");
    return null;
}

void mount_mask(struct step *step) {
    const char *path = read_text(step);
    int target = target_find(step, path);
    if (target == -ENOENT || target == -ENOTDIR) return;
    if (target < 0) step_fail(step, -target, path);
    int tree;
    if (is_directory(step, target)) {
        tree = clone_tree(step, step->staging, "empty", 0, path);
    } else {
        int null = null_device(step);
        tree = clone_tree(step, null, "", 0, path);
        close(null);
    }
    attach(step, tree, MOUNT_ATTR_RDONLY, 0, target, "", path);
    close(tree);
    close(target);
}

void mount_read_only(struct step *step) {
    const char *path = read_text(step);
    int target = target_find(step, path);
    if (target == -ENOENT || target == -ENOTDIR) return;
    if (target < 0) step_fail(step, -target, path);
    int tree = clone_tree(step, target, "", 1, path);
    attach(step, tree, MOUNT_ATTR_RDONLY, 1, target, "", path);
    close(tree);
    close(target);
}

void mount_pivot(struct step *step) {
    if (fchdir(step->root) < 0) step_fail(step, errno, NULL);
    // The old root ends up on top of the new one, and is taken away with all that is mounted below it.
    if (syscall(SYS_pivot_root, ".", ".") < 0) step_fail(step, errno, NULL);
    if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0) step_fail(step, errno, NULL);
    // No descriptor of the outside may be left when a path of the image is entered (CVE-2024-21626).
    (void)syscall(SYS_close_range, WIRE_SOCKET + 1, ~0U, 0);
    step->staging = -1;
    step->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (step->root < 0) step_fail(step, errno, "/");
    step->root_mount = mount_identifier(step->root);
}
