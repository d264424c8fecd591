// Answering the system calls of other processes: seccomp's notifications, and what one must see of who made the call.
#define _GNU_SOURCE
#include "CLinux.h"
#include "Internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

// Kernel 6.6, which headers of before do not name.
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

int clinux_notification_receive(int listener, int stop, struct clinux_notification *notification) {
    // A newer kernel's structure may be larger than that of our headers.
    union {
        struct seccomp_notif notification;
        char room[512];
    } buffer;
    struct pollfd sources[2] = {{.fd = listener, .events = POLLIN}, {.fd = stop, .events = POLLIN}};
    for (;;) {
        if (poll(sources, 2, -1) < 0) return -errno;
        if (sources[0].revents & POLLIN) {
            memset(&buffer, 0, sizeof buffer);
            if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &buffer) == 0) break;
            // ENOENT: who made the call was killed in between.
            if (errno != ENOENT) return -errno;
            continue;
        }
        // Every process of the filter has ended.
        if (sources[0].revents || sources[1].revents) return 0;
    }
    const struct seccomp_notif *received = &buffer.notification;
    notification->id = received->id;
    notification->process = (pid_t)received->pid;
    notification->architecture = received->data.arch;
    notification->number = received->data.nr;
    memcpy(notification->arguments, received->data.args, sizeof notification->arguments);
    return 1;
}

int clinux_notification_wake_together(int listener) {
    return result(ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP));
}

int clinux_notification_is_valid(int listener, uint64_t id) {
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

int clinux_notification_answer(int listener, uint64_t id, int64_t value, int error, int proceed) {
    union {
        struct seccomp_notif_resp response;
        char room[256];
    } buffer;
    memset(&buffer, 0, sizeof buffer);
    buffer.response.id = id;
    buffer.response.val = value;
    buffer.response.error = -error;
    buffer.response.flags = proceed ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
    return result(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &buffer));
}

int clinux_notification_answer_descriptor(int listener, uint64_t id, int descriptor, int close_on_exec) {
    struct seccomp_notif_addfd request = {.id = id,
                                          .flags = SECCOMP_ADDFD_FLAG_SEND,
                                          .srcfd = (uint32_t)descriptor,
                                          .newfd_flags = close_on_exec ? O_CLOEXEC : 0};
    return result(ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &request));
}

static char *append(char *at, const char *text) {
    size_t length = strlen(text);
    memcpy(at, text, length + 1);
    return at + length;
}

static int open_memory(pid_t process, int flags) {
    char path[CLINUX_PROCESS_PATH];
    append(append_number(append(path, "/proc/"), (unsigned long)process), "/mem");
    return result(open(path, flags | O_CLOEXEC));
}

ssize_t clinux_process_read(pid_t process, uint64_t address, void *bytes, size_t size) {
    struct iovec ours = {.iov_base = bytes, .iov_len = size};
    struct iovec theirs = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};
    ssize_t count = process_vm_readv(process, &ours, 1, &theirs, 1, 0);
    // EPERM: the filter of an engine that wants CAP_SYS_PTRACE for the call, as Docker's until version 22.
    if (count >= 0 || errno != EPERM) return count < 0 ? -(ssize_t)errno : count;
    int memory = open_memory(process, O_RDONLY);
    if (memory < 0) return memory;
    count = pread(memory, bytes, size, (off_t)address);
    int code = errno == EIO ? EFAULT : errno;
    close(memory);
    return count < 0 ? -(ssize_t)code : count;
}

ssize_t clinux_process_write(pid_t process, uint64_t address, const void *bytes, size_t size) {
    struct iovec ours = {.iov_base = (void *)bytes, .iov_len = size};
    struct iovec theirs = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};
    ssize_t count = process_vm_writev(process, &ours, 1, &theirs, 1, 0);
    if (count >= 0 || errno != EPERM) return count < 0 ? -(ssize_t)errno : count;
    int memory = open_memory(process, O_WRONLY);
    if (memory < 0) return memory;
    count = pwrite(memory, bytes, size, (off_t)address);
    int code = errno == EIO ? EFAULT : errno;
    close(memory);
    return count < 0 ? -(ssize_t)code : count;
}

ssize_t clinux_process_text(pid_t process, uint64_t address, char *text, size_t size) {
    size_t filled = 0;
    while (filled < size) {
        // Up to the end of a page: the next one may not be there.
        size_t chunk = 4096 - (size_t)(address & 4095);
        if (chunk > size - filled) chunk = size - filled;
        ssize_t count = clinux_process_read(process, address, text + filled, chunk);
        if (count <= 0) return count == 0 ? -EFAULT : count;
        const char *end = memchr(text + filled, 0, (size_t)count);
        if (end) return end - text;
        filled += (size_t)count;
        address += (uint64_t)count;
    }
    return -ENAMETOOLONG;
}

void clinux_process_path(char path[CLINUX_PROCESS_PATH], pid_t process, int directory) {
    char *at = append_number(append(path, "/proc/"), (unsigned long)process);
    if (directory == CLINUX_PROCESS_ROOT)
        append(at, "/root");
    else if (directory == AT_FDCWD)
        append(at, "/cwd");
    else
        append_number(append(at, "/fd/"), (unsigned)directory);
}

static int open_place(pid_t process, int directory, int flags) {
    char path[CLINUX_PROCESS_PATH];
    if (directory < 0 && directory != AT_FDCWD && directory != CLINUX_PROCESS_ROOT) return -EBADF;
    clinux_process_path(path, process, directory);
    int place = open(path, O_PATH | O_CLOEXEC | flags);
    // The link of a descriptor that is not open.
    return place < 0 ? (directory >= 0 && errno == ENOENT ? -EBADF : -errno) : place;
}

/// The path of one of a process's directories as it is seen from its root; its length, or -errno.
static int path_in_root(pid_t process, int directory, char *text, size_t size) {
    char link[CLINUX_PROCESS_PATH], root[CLINUX_PATH];
    clinux_process_path(link, process, directory);
    ssize_t length = readlink(link, text, size - 1);
    if (length < 0) return -errno;
    clinux_process_path(link, process, CLINUX_PROCESS_ROOT);
    ssize_t above = readlink(link, root, sizeof root - 1);
    if (above < 0) return -errno;
    if (above == 1) above = 0;
    // Outside of its own root: nothing that a path could name.
    if (length < above || memcmp(text, root, (size_t)above) != 0) return -EXDEV;
    memmove(text, text + above, (size_t)(length - above));
    text[length - above] = 0;
    return (int)(length - above);
}

static int open_in_root(pid_t process, int known, const char *path, const struct open_how *how) {
    if (known >= 0) return result(syscall(SYS_openat2, known, path, how, sizeof *how));
    int root = open_place(process, CLINUX_PROCESS_ROOT, O_DIRECTORY);
    if (root < 0) return root;
    int opened = result(syscall(SYS_openat2, root, path, how, sizeof *how));
    close(root);
    return opened;
}

int clinux_process_open(pid_t process, int root, int directory, const char *path, uint64_t flags, uint64_t mode) {
    struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    if (path[0] == 0) return open_place(process, directory, 0);
    if (path[0] == '/') return open_in_root(process, root, path, &how);
    int place = open_place(process, directory, O_DIRECTORY);
    if (place < 0) return place;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    int opened = result(syscall(SYS_openat2, place, path, &how, sizeof how));
    close(place);
    // EXDEV: `..` or an absolute link leads out of the directory, but not out of the root.
    if (opened != -EXDEV) return opened;
    char whole[2 * CLINUX_PATH];
    int length = path_in_root(process, directory, whole, CLINUX_PATH);
    if (length < 0) return length;
    if ((size_t)length + strlen(path) + 2 > sizeof whole) return -ENAMETOOLONG;
    append(append(whole + length, "/"), path);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return open_in_root(process, root, whole, &how);
}

ssize_t clinux_process_record(pid_t process, int directory, const char *attribute, void *value, size_t size) {
    char path[CLINUX_PROCESS_PATH];
    if (directory < 0 && directory != AT_FDCWD) return -EBADF;
    clinux_process_path(path, process, directory);
    ssize_t count = getxattr(path, attribute, value, size);
    return count < 0 ? -(ssize_t)errno : count;
}

int clinux_process_limit(pid_t process, int resource, uint64_t *soft, uint64_t *hard) {
    struct rlimit64 limit;
    if (prlimit64(process, (__rlimit_resource_t)resource, NULL, &limit) < 0) return -errno;
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return 0;
}

int clinux_process_set_limit(pid_t process, int resource, uint64_t soft, uint64_t hard) {
    struct rlimit64 limit = {.rlim_cur = soft, .rlim_max = hard};
    return result(prlimit64(process, (__rlimit_resource_t)resource, &limit, NULL));
}
