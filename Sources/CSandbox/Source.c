// What is mounted: directories of the builder, overlays of layers, and file systems of the kernel.
// Everything is a detached mount until it is put in its place, so no path is resolved twice.
#define _GNU_SOURCE
#include "CSandbox.h"
#include "Step.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/// The kernel copies the value of one option up to this many bytes, the zero included.
enum { OPTION_MAX = 256 };

static int configure(int context, const char *key, const char *value) {
    const unsigned command = value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;
    return syscall(SYS_fsconfig, context, command, key, value, 0) < 0 ? -errno : 0;
}

static int configure_option(int context, const char *option) {
    const char *equals = strchr(option, '=');
    if (!equals) return configure(context, option, NULL);
    char key[64];
    snprintf(key, sizeof key, "%.*s", (int)(equals - option), option);
    return configure(context, key, equals + 1);
}

static int configure_options(int context, char *const *options) {
    for (; *options; options++) {
        int code = configure_option(context, *options);
        if (code < 0) return code;
    }
    return 0;
}

/// What the kernel wrote about the last failure, without its "e " and line end.
static void read_log(int context, char *log, size_t size) {
    char text[256];
    ssize_t length = read(context, text, sizeof text - 1);
    log[0] = 0;
    if (length <= 2) return;
    text[length] = 0;
    text[strcspn(text, "\n")] = 0;
    snprintf(log, size, "%s", text + 2);
}

/// fsconfig(create) and fsmount; closes the context.
static int finish(int context, int code, uint64_t attributes, char *log, size_t size) {
    if (code == 0 && syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) code = -errno;
    int mount = -1;
    if (code == 0) {
        mount = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, (unsigned)attributes);
        if (mount < 0) code = -errno;
    }
    if (code < 0) read_log(context, log, size);
    close(context);
    return code < 0 ? code : mount;
}

int filesystem_open(const char *type, char *const *options, uint64_t attributes, char *log, size_t size) {
    log[0] = 0;
    int context = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
    if (context < 0) return -errno;
    // The name that /proc/mounts shows first.
    int code = configure(context, "source", type);
    if (code == 0) code = configure_options(context, options);
    return finish(context, code, attributes, log, size);
}

struct overlay {
    char **lowers;
    size_t count;
    const char *upper;
    const char *work;
    char **options;
};

/// A layer by path; a path too long for an option is reached by its descriptor.
static int configure_layer(int context, const char *key, const char *path) {
    if (strlen(path) < OPTION_MAX) return configure(context, key, path);
    int layer = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (layer < 0) return -errno;
    char name[32];
    snprintf(name, sizeof name, "/proc/self/fd/%d", layer);
    int code = configure(context, key, name);
    close(layer);
    return code;
}

/// By fsopen, with up to 500 layers. -ENOTSUP: this kernel has no `lowerdir+` (before 6.7).
static int overlay_modern(const struct overlay *overlay, char *log, size_t size) {
    int context = (int)syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC);
    if (context < 0) return -errno;
    int code = configure(context, "source", "overlay");
    for (size_t i = 0; i < overlay->count && code == 0; i++) {
        code = configure_layer(context, "lowerdir+", overlay->lowers[i]);
        if (i > 0 || code != -EINVAL) continue;
        read_log(context, log, size);
        // "e overlay: Unknown parameter 'lowerdir+'"
        if (!strstr(log, "nknown parameter")) continue;
        close(context);
        return -ENOTSUP;
    }
    if (code == 0 && overlay->upper[0]) code = configure_layer(context, "upperdir", overlay->upper);
    if (code == 0 && overlay->upper[0]) code = configure_layer(context, "workdir", overlay->work);
    if (code == 0) code = configure_options(context, overlay->options);
    return finish(context, code, 0, log, size);
}

/// Appends to a mount option string of at most a page.
static void append(char *text, size_t size, size_t *length, const char *format, const char *key, int number) {
    int added = snprintf(text + *length, size - *length, format, key, number);
    *length += (size_t)added;
    if (*length >= size) *length = size;
}

/// By mount(2), for kernels before 6.7. Layers are named by descriptor, which is short (200 fit) and needs no escapes.
static int overlay_by_string(const struct overlay *overlay) {
    char text[4096];
    size_t length = 0;
    for (size_t i = 0; i < overlay->count; i++) {
        int layer = open(overlay->lowers[i], O_PATH | O_DIRECTORY);
        if (layer < 0) return -errno;
        append(text, sizeof text, &length, "%s/proc/self/fd/%d", i ? ":" : "lowerdir=", layer);
    }
    const char *place = overlay->lowers[0];
    if (overlay->upper[0]) {
        int upper = open(overlay->upper, O_PATH | O_DIRECTORY);
        int work = open(overlay->work, O_PATH | O_DIRECTORY);
        if (upper < 0 || work < 0) return -errno;
        append(text, sizeof text, &length, "%s/proc/self/fd/%d", ",upperdir=", upper);
        append(text, sizeof text, &length, "%s/proc/self/fd/%d", ",workdir=", work);
        place = overlay->upper;
    }
    for (char **option = overlay->options; *option; option++)
        append(text, sizeof text, &length, ",%s", *option, 0);
    if (length >= sizeof text) return -E2BIG;
    if (mount("overlay", place, "overlay", 0, text) < 0) return -errno;
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, place, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    int code = errno;
    (void)umount2(place, MNT_DETACH);
    return tree < 0 ? -code : tree;
}

static int overlay_open(struct step *step, const struct overlay *overlay) {
    char log[256] = "";
    int mount = overlay_modern(overlay, log, sizeof log);
    if (mount == -ENOTSUP || mount == -ENOSYS) mount = overlay_by_string(overlay);
    if (mount < 0) step_fail(step, -mount, log);
    return mount;
}

/// A part of a mount that is put in a hidden place first: a detached tree can be cloned only from kernel 6.15 on.
static int part_of(struct step *step, int mount, const char *subpath) {
    char name[16];
    snprintf(name, sizeof name, "%u", step->staged++);
    if (mkdirat(step->staging, name, 0700) < 0 ||
        syscall(SYS_move_mount, mount, "", step->staging, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        step_fail(step, errno, subpath);
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    int part, retries = 128;
    do part = (int)syscall(SYS_openat2, mount, subpath, &how, sizeof how);
    while (part < 0 && errno == EAGAIN && retries-- > 0);
    if (part < 0) step_fail(step, errno, subpath);
    int tree = (int)syscall(SYS_open_tree, part, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0) step_fail(step, errno, subpath);
    close(part);
    close(mount);
    return tree;
}

static int directory_open(struct step *step, const char *path, const char *subpath, int recursive) {
    int place = open(path, O_PATH | O_CLOEXEC);
    if (place >= 0 && subpath[0]) {
        struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
        int part, retries = 128;
        do part = (int)syscall(SYS_openat2, place, subpath, &how, sizeof how);
        while (part < 0 && errno == EAGAIN && retries-- > 0);
        int code = errno;
        close(place);
        errno = code;
        place = part;
    }
    if (place < 0) return -errno;
    unsigned flags = AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0);
    int tree = (int)syscall(SYS_open_tree, place, "", flags);
    if (tree < 0) step_fail(step, errno, path);
    close(place);
    return tree;
}

int source_open(struct step *step, const char *subpath, int recursive) {
    uint64_t kind = read_number(step);
    if (kind == CSANDBOX_SOURCE_DIRECTORY) {
        return directory_open(step, read_text(step), subpath, recursive);
    }
    struct overlay overlay;
    overlay.lowers = read_list(step, &overlay.count);
    overlay.upper = read_text(step);
    overlay.work = read_text(step);
    overlay.options = read_list(step, NULL);
    if (kind != CSANDBOX_SOURCE_OVERLAY || overlay.count == 0) step_fail(step, EBADMSG, NULL);
    int mount = overlay_open(step, &overlay);
    return subpath[0] ? part_of(step, mount, subpath) : mount;
}
