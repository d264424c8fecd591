#define _GNU_SOURCE
#include "CLinux.h"
#include "Internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

// By number, because glibc has wrappers only from 2.36 and the header's macros differ between versions.
enum { CONTEXT_CLOEXEC = 1, SET_FLAG = 0, SET_STRING = 1, CREATE = 6, MOUNT_CLOEXEC = 1, FROM_EMPTY_PATH = 4 };

int clinux_fsopen(const char *type) { return result(syscall(SYS_fsopen, type, CONTEXT_CLOEXEC)); }

int clinux_fsconfig_string(int context, const char *key, const char *value) {
    return result(syscall(SYS_fsconfig, context, SET_STRING, key, value, 0));
}

int clinux_fsconfig_flag(int context, const char *key) {
    return result(syscall(SYS_fsconfig, context, SET_FLAG, key, NULL, 0));
}

int clinux_fsconfig_create(int context) { return result(syscall(SYS_fsconfig, context, CREATE, NULL, NULL, 0)); }

int clinux_fsmount(int context, unsigned attributes) {
    return result(syscall(SYS_fsmount, context, MOUNT_CLOEXEC, attributes));
}

int clinux_move_mount(int mount, const char *target) {
    return result(syscall(SYS_move_mount, mount, "", AT_FDCWD, target, FROM_EMPTY_PATH));
}

int clinux_make_mounts_private(void) { return result(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)); }
