// The records of owners where the kernel knows one id, and statuses that show them.
#define _GNU_SOURCE
#include "CLinux.h"
#include "Internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

static int record_path(char path[CLINUX_RECORD_PATH], int directory, const char *name) {
    static const char descriptors[] = "/proc/self/fd/";
    size_t length = strlen(name);
    if (length + sizeof descriptors + 24 > CLINUX_RECORD_PATH) return -ENAMETOOLONG;
    memcpy(path, descriptors, sizeof descriptors);
    char *at = append_number(path + sizeof descriptors - 1, (unsigned)directory);
    if (length > 0) {
        *at = '/';
        memcpy(at + 1, name, length + 1);
    }
    return 0;
}

/// getxattrat(2), kernel 6.13: by number, as headers and the C library do not know it yet.
enum { GETXATTRAT = 464 };

ssize_t clinux_record_get(int directory, const char *name, const char *attribute, void *value, size_t size) {
    static atomic_int missing;
    struct {
        uint64_t value;
        uint32_t size;
        uint32_t flags;
    } arguments = {.value = (uint64_t)(uintptr_t)value, .size = (uint32_t)size};
    // Without a name it refuses places (O_PATH) with EBADF.
    if (name[0] && !atomic_load_explicit(&missing, memory_order_relaxed)) {
        long got =
            syscall(GETXATTRAT, directory, name, AT_SYMLINK_NOFOLLOW, attribute, &arguments, sizeof arguments);
        if (got >= 0) return got;
        // EPERM: a container's filter that does not know it either.
        if (errno != ENOSYS && errno != EPERM) return -errno;
        atomic_store_explicit(&missing, 1, memory_order_relaxed);
    }
    char path[CLINUX_RECORD_PATH];
    int code = record_path(path, directory, name);
    if (code < 0) return code;
    // Without a name the descriptor's own link is followed: it may be one of O_PATH, which fgetxattr refuses.
    ssize_t count = name[0] ? lgetxattr(path, attribute, value, size) : getxattr(path, attribute, value, size);
    return count < 0 ? -(ssize_t)errno : count;
}

int clinux_record_set(int directory, const char *name, const char *attribute, const void *value, size_t size) {
    char path[CLINUX_RECORD_PATH];
    int code = record_path(path, directory, name);
    if (code < 0) return code;
    if (size > 0) return result((name[0] ? lsetxattr : setxattr)(path, attribute, value, size, 0));
    code = result((name[0] ? lremovexattr : removexattr)(path, attribute));
    return code == -ENODATA ? 0 : code;
}

ssize_t clinux_place_attributes(int file, char *list, size_t size) {
    char path[CLINUX_RECORD_PATH];
    int code = record_path(path, file, "");
    if (code < 0) return code;
    ssize_t count = listxattr(path, list, size);
    return count < 0 ? -(ssize_t)errno : count;
}

static uint32_t mode_of(const struct clinux_record *record, uint32_t mode) {
    return record->type && S_ISREG(mode) ? record->type | (mode & 07777) : mode;
}

int clinux_status_native(int file, const struct clinux_record *record, void *buffer) {
    struct stat status;
    if (fstatat(file, "", &status, AT_EMPTY_PATH) < 0) return -errno;
    status.st_uid = record->uid;
    status.st_gid = record->gid;
    status.st_mode = mode_of(record, status.st_mode);
    if (record->type) status.st_rdev = makedev(record->major, record->minor);
    memcpy(buffer, &status, sizeof status);
    return sizeof status;
}

int clinux_status_extended(int file, uint32_t flags, uint32_t mask, const struct clinux_record *record, void *buffer) {
    struct statx status;
    memset(&status, 0, sizeof status);
    const int sync = (int)(flags & (AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC));
    if (statx(file, "", AT_EMPTY_PATH | sync, mask, &status) < 0) return -errno;
    status.stx_uid = record->uid;
    status.stx_gid = record->gid;
    status.stx_mode = (uint16_t)mode_of(record, status.stx_mode);
    if (record->type) {
        status.stx_rdev_major = record->major;
        status.stx_rdev_minor = record->minor;
    }
    memcpy(buffer, &status, sizeof status);
    return sizeof status;
}

/// A structure of an architecture of 32 bits, written field by field; `wide` is how it aligns fields of 64 bits.
struct layout {
    unsigned char *start;
    size_t size;
    size_t wide;
};

static void put(struct layout *layout, uint64_t value, size_t size) {
    const size_t alignment = size == 8 ? layout->wide : 4;
    while (layout->size % alignment) layout->start[layout->size++] = 0;
    memcpy(layout->start + layout->size, &value, size);
    layout->size += size;
}

static void put_time(struct layout *layout, const struct timespec *time) {
    put(layout, (uint64_t)time->tv_sec, 4);
    put(layout, (uint64_t)time->tv_nsec, 4);
}

int clinux_status_narrow(int file, uint32_t architecture, const struct clinux_record *record, void *buffer) {
    if (architecture != AUDIT_ARCH_I386 && architecture != AUDIT_ARCH_ARM) return 0;
    struct stat status;
    if (fstatat(file, "", &status, AT_EMPTY_PATH) < 0) return -errno;
    struct layout layout = {.start = buffer, .wide = architecture == AUDIT_ARCH_ARM ? 8 : 4};
    put(&layout, status.st_dev, 8);
    put(&layout, 0, 4);
    put(&layout, status.st_ino, 4);
    put(&layout, mode_of(record, status.st_mode), 4);
    put(&layout, status.st_nlink, 4);
    put(&layout, record->uid, 4);
    put(&layout, record->gid, 4);
    put(&layout, record->type ? makedev(record->major, record->minor) : status.st_rdev, 8);
    put(&layout, 0, 4);
    put(&layout, (uint64_t)status.st_size, 8);
    put(&layout, (uint64_t)status.st_blksize, 4);
    put(&layout, (uint64_t)status.st_blocks, 8);
    put_time(&layout, &status.st_atim);
    put_time(&layout, &status.st_mtim);
    put_time(&layout, &status.st_ctim);
    put(&layout, status.st_ino, 8);
    return (int)layout.size;
}
