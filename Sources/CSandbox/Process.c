// The operations on the step's process and namespaces, after the root is entered.
#define _GNU_SOURCE
#include "CSandbox.h"
#include "Step.h"
#include "Wire.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/// SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, which older headers do not name.
enum { WAIT_KILLABLE_RECV = 1 << 5 };

void process_symlink(struct step *step) {
    const char *path = read_text(step);
    const char *link = read_text(step);
    char parent[256];
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    if (!slash || length == 0 || length >= sizeof parent) step_fail(step, EINVAL, path);
    memcpy(parent, path, length);
    parent[length] = 0;
    int directory = target_find(step, parent);
    if (directory < 0) step_fail(step, -directory, path);
    if (symlinkat(link, directory, slash + 1) < 0 && errno != EEXIST) step_fail(step, errno, path);
    close(directory);
}

void process_hostname(struct step *step) {
    size_t length;
    const char *name = read_bytes(step, &length);
    if (sethostname(name, length) < 0) step_fail(step, errno, name);
}

void process_loopback(struct step *step) {
    struct ifreq request = {.ifr_name = "lo"};
    int socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    // A kernel without IPv4 still has the interface.
    if (socket_ < 0) socket_ = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0 || ioctl(socket_, SIOCGIFFLAGS, &request) < 0) step_fail(step, errno, "lo");
    request.ifr_flags |= IFF_UP;
    if (ioctl(socket_, SIOCSIFFLAGS, &request) < 0) step_fail(step, errno, "lo");
    close(socket_);
}

void process_limit(struct step *step) {
    uint64_t resource = read_number(step);
    struct rlimit limit;
    limit.rlim_cur = read_number(step);
    limit.rlim_max = read_number(step);
    if (setrlimit((__rlimit_resource_t)resource, &limit) < 0) step_fail(step, errno, NULL);
}

void process_directory(struct step *step) {
    const char *path = read_text(step);
    struct target_wish wish = {.directory = 1};
    wish.uid = (uid_t)read_number(step);
    wish.gid = (gid_t)read_number(step);
    // By descriptor: never through /proc/self/fd, and never to a place that is not below the root.
    int directory = target_make(step, path, &wish);
    if (fchdir(directory) < 0) step_fail(step, errno, path);
    close(directory);
}

void process_control_group(struct step *step) {
    const char *path = read_text(step);
    int group = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int file = group < 0 ? -1 : openat(group, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    // 0 is whoever writes.
    if (file < 0 || write(file, "0", 1) != 1) step_fail(step, errno, path);
    close(file);
    close(group);
    // The namespace of the clone begins at the builder's group; ENOSPC and EINVAL leave it there.
    (void)unshare(CLONE_NEWCGROUP);
}

static struct sock_fprog read_program(struct step *step, int may_be_empty) {
    size_t length;
    const char *program = read_bytes(step, &length);
    if ((length == 0 && !may_be_empty) || length % sizeof(struct sock_filter) || length / sizeof(struct sock_filter) > BPF_MAXINSNS)
        step_fail(step, EINVAL, NULL);
    return (struct sock_fprog){.len = (unsigned short)(length / sizeof(struct sock_filter)),
                               .filter = (struct sock_filter *)program};
}

static void install(struct step *step, const struct sock_fprog *filter) {
    // With CAP_SYS_ADMIN no_new_privs may stay off, so sudo and su work in the step.
    // SPEC_ALLOW (kernel 4.17) spares the step the speculation mitigations, as container runtimes do.
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, filter) < 0)
        step_fail(step, errno, NULL);
}

void process_seccomp(struct step *step) {
    struct sock_fprog filter = read_program(step, 0);
    install(step, &filter);
}

void process_supervise(struct step *step) {
    const int needed = (int)read_number(step);
    struct sock_fprog filter = read_program(step, 0);
    struct sock_fprog fallback = read_program(step, 1);
    const unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    // Once the builder has a call, only a deadly signal interrupts it (kernel 5.19): it is not answered twice.
    long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | WAIT_KILLABLE_RECV, &filter);
    if (listener < 0 && errno == EINVAL) listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
    // Somebody outside answers calls already: there can be one.
    if (listener < 0 && errno == EBUSY && !needed) {
        if (fallback.len > 0) install(step, &fallback);
        return;
    }
    if (listener < 0) step_fail(step, errno, NULL);
    int code = wire_report_descriptor(CSANDBOX_LISTENER, step->id, step->operation, (int)listener);
    if (code < 0) step_fail(step, -code, NULL);
    close((int)listener);
}
