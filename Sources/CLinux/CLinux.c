#define _GNU_SOURCE
#include "CLinux.h"
#include "Internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

static ssize_t count(ssize_t value) { return value < 0 ? -(ssize_t)errno : value; }

int clinux_statx(int directory, const char *name, int follow, struct clinux_status *status) {
    struct statx x;
    int flags = AT_NO_AUTOMOUNT | AT_STATX_SYNC_AS_STAT;
    if (name[0] == 0) flags |= AT_EMPTY_PATH;
    if (!follow) flags |= AT_SYMLINK_NOFOLLOW;
    if (statx(directory, name, flags, STATX_BASIC_STATS | STATX_BTIME, &x) < 0) return -errno;
    status->mode = x.stx_mode;
    status->uid = x.stx_uid;
    status->gid = x.stx_gid;
    status->links = x.stx_nlink;
    status->size = (int64_t)x.stx_size;
    status->blocks = (int64_t)x.stx_blocks;
    status->inode = x.stx_ino;
    status->device = makedev(x.stx_dev_major, x.stx_dev_minor);
    status->device_major = x.stx_rdev_major;
    status->device_minor = x.stx_rdev_minor;
    status->modified_seconds = x.stx_mtime.tv_sec;
    status->modified_nanoseconds = x.stx_mtime.tv_nsec;
    status->changed_seconds = x.stx_ctime.tv_sec;
    status->changed_nanoseconds = x.stx_ctime.tv_nsec;
    status->born_seconds = x.stx_mask & STATX_BTIME ? x.stx_btime.tv_sec : 0;
    status->born_nanoseconds = x.stx_mask & STATX_BTIME ? x.stx_btime.tv_nsec : 0;
    return 0;
}

int clinux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
    return result(syscall(SYS_openat2, directory, path, &how, sizeof how));
}

ssize_t clinux_getdents(int directory, void *buffer, size_t size) {
    return count(syscall(SYS_getdents64, directory, buffer, size));
}

int clinux_open(int directory, const char *path, int flags, uint32_t mode) {
    return result(openat(directory, path, flags | O_CLOEXEC, mode));
}

int clinux_fchmodat(int directory, const char *name, uint32_t mode) {
    return result(fchmodat(directory, name, mode, AT_SYMLINK_NOFOLLOW));
}

ssize_t clinux_readlink(int directory, const char *name, void *target, size_t size) {
    return count(readlinkat(directory, name, target, size));
}

int clinux_pipe(int *read, int *write) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    *read = ends[0];
    *write = ends[1];
    return 0;
}

_Static_assert(sizeof(clinux_processors) == sizeof(cpu_set_t), "sets of processors as of sched.h");

int clinux_begin_elsewhere(pthread_attr_t *attributes, clinux_processors *all) {
    cpu_set_t set;
    int here = sched_getcpu();
    if (here < 0 || sched_getaffinity(0, sizeof set, &set) != 0) return errno;
    memcpy(all, &set, sizeof set);
    CPU_CLR(here, &set);
    return CPU_COUNT(&set) == 0 ? 0 : pthread_attr_setaffinity_np(attributes, sizeof set, &set);
}

void clinux_run_anywhere(const clinux_processors *all) {
    cpu_set_t set;
    memcpy(&set, all, sizeof set);
    sched_setaffinity(0, sizeof set, &set);
}

void clinux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int clinux_mknod(int directory, const char *name, uint32_t mode, uint32_t major, uint32_t minor) {
    return result(mknodat(directory, name, mode, makedev(major, minor)));
}

int clinux_renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
    return result(renameat2(from_directory, from, to_directory, to, flags));
}

ssize_t clinux_llistxattr(const char *path, char *list, size_t size) { return count(llistxattr(path, list, size)); }

ssize_t clinux_lgetxattr(const char *path, const char *name, void *value, size_t size) {
    return count(lgetxattr(path, name, value, size));
}

int clinux_lsetxattr(const char *path, const char *name, const void *value, size_t size) {
    return result(lsetxattr(path, name, value, size, 0));
}

int clinux_lremovexattr(const char *path, const char *name) { return result(lremovexattr(path, name)); }

ssize_t clinux_flistxattr(int descriptor, char *list, size_t size) { return count(flistxattr(descriptor, list, size)); }

ssize_t clinux_fgetxattr(int descriptor, const char *name, void *value, size_t size) {
    return count(fgetxattr(descriptor, name, value, size));
}

int clinux_fsetxattr(int descriptor, const char *name, const void *value, size_t size) {
    return result(fsetxattr(descriptor, name, value, size, 0));
}

int clinux_clone_file(int from, int to) { return result(ioctl(to, FICLONE, from)); }

ssize_t clinux_copy_range(int from, int to, size_t size) {
    return count(copy_file_range(from, NULL, to, NULL, size, 0));
}

int clinux_flock(int descriptor, int operation) { return result(flock(descriptor, operation)); }

int clinux_lock_byte(int descriptor, int type, int64_t offset) {
    struct flock lock = {.l_type = (short)type, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
    return result(fcntl(descriptor, F_OFD_SETLK, &lock));
}

int clinux_is_byte_locked(int descriptor, int64_t offset) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
    if (fcntl(descriptor, F_OFD_GETLK, &lock) < 0) return -errno;
    return lock.l_type != F_UNLCK;
}

int clinux_syncfs(int descriptor) { return result(syncfs(descriptor)); }

int clinux_disk_space(int descriptor, int64_t *total, int64_t *available) {
    struct statvfs space;
    if (fstatvfs(descriptor, &space) < 0) return -errno;
    *total = (int64_t)space.f_blocks * (int64_t)space.f_frsize;
    *available = (int64_t)space.f_bavail * (int64_t)space.f_frsize;
    return 0;
}

uint64_t clinux_filesystem(int descriptor) {
    struct statfs status;
    return fstatfs(descriptor, &status) < 0 ? 0 : (uint64_t)status.f_type;
}

int clinux_memfd(const char *name) { return result(memfd_create(name, MFD_CLOEXEC)); }

int clinux_eventfd(void) { return result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int clinux_pidfd_open(pid_t pid) { return result(syscall(SYS_pidfd_open, pid, 0)); }

void clinux_share_heap(void) { mallopt(M_ARENA_MAX, 2); }

// Named by the linker and the C runtime: where the program's own data begins, and where that which is zero at first does.
extern char __data_start[], __TMC_END__[], __bss_start[], _end[];

static void populate(const char *begin, const char *end) {
    uintptr_t page = (uintptr_t)getpagesize(), first = (uintptr_t)begin & -page;
    madvise((void *)first, (uintptr_t)end - first, MADV_POPULATE_WRITE);
}

void clinux_populate_data(void) {
    populate(__data_start, __TMC_END__);
    populate(__bss_start, _end);
}
