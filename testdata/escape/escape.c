// What a step of a hostile Dockerfile tries, one line of output for each: `name: EPERM` is a refusal and its errno,
// `name: nothing` a search without a find, `name: seen` and `name: copy` what does no harm, and `name: ESCAPED …` a success, which is a hole of the sandbox.
//
// escape MAJOR MINOR CANARY…: a device that holds files of the machine, and absolute paths of files outside of the step.
// EscapeTests compiles it statically and runs it as a step.
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/magic.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/vm_sockets.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

int main(int argc, char **argv);

static unsigned major_number, minor_number;
static char **canaries;

/// A refusal, or with `code` 0 an escape.
static void outcome(const char *name, int code) {
    if (code) printf("%s: %s\n", name, strerrorname_np(code));
    else printf("%s: ESCAPED\n", name);
    fflush(stdout);
}

static void result(const char *name, long value) { outcome(name, value < 0 ? errno : 0); }

static void found(const char *name, const char *what) {
    if (what) printf("%s: ESCAPED %s\n", name, what);
    else printf("%s: nothing\n", name);
    fflush(stdout);
}

// --- Files

/// Whether a canary can be opened below a directory: its root may be the machine's.
static const char *canary_below(int directory) {
    for (char **canary = canaries; *canary; canary++) {
        int file = openat(directory, *canary + strspn(*canary, "/"), O_RDONLY | O_CLOEXEC);
        if (file < 0) continue;
        close(file);
        return *canary;
    }
    return NULL;
}

static void host_paths(void) { found("canary by its path", canary_below(AT_FDCWD)); }

static void process_roots(void) {
    const char *names[] = {"root", "cwd"}, *what = NULL;
    for (int pid = 1; pid < 300; pid++)
        for (int i = 0; i < 2; i++) {
            char path[64];
            snprintf(path, sizeof path, "/proc/%d/%s", pid, names[i]);
            int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
            if (directory < 0) continue;
            char climbed[512] = ".";
            for (int level = 0; level < 60; level++) strcat(climbed, "/..");
            int top = openat(directory, climbed, O_PATH | O_DIRECTORY | O_CLOEXEC);
            if (top >= 0 && canary_below(top)) what = canary_below(top);
            if (top >= 0) close(top);
            close(directory);
        }
    found("/proc/N/root and cwd", what);
}

/// Descriptors of this process and of process 1 besides the three pipes.
static void descriptors(void) {
    static char what[2 * PATH_MAX];
    for (int process = 0; process < 2; process++) {
        const char *list = process ? "/proc/1/fd" : "/proc/self/fd";
        DIR *directory = opendir(list);
        for (struct dirent *entry; directory && (entry = readdir(directory));) {
            if (!isdigit((unsigned char)entry->d_name[0]) || atoi(entry->d_name) < 3) continue;
            if (process == 0 && atoi(entry->d_name) == dirfd(directory)) continue;
            char path[300], target[PATH_MAX] = "";
            snprintf(path, sizeof path, "%s/%s", list, entry->d_name);
            (void)!readlink(path, target, sizeof target - 1);
            if (process && strncmp(target, "/proc/", 6) == 0) continue;  // a shell's own
            snprintf(what, sizeof what, "%s is %s", path, target);
        }
        if (directory) closedir(directory);
    }
    for (int i = 0; i < 3; i++) {
        struct stat status;
        if (fstat(i, &status) == 0 && !S_ISFIFO(status.st_mode)) snprintf(what, sizeof what, "%d is no pipe", i);
    }
    found("leaked descriptors", what[0] ? what : NULL);
}

/// The way out of chroot(2): a directory that stays open above the new root.
static void leave_root(void) {
    int above = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), pid = fork();
    if (pid == 0) {
        if (mkdir("/tmp/below", 0755) < 0 && errno != EEXIST) _exit(0);
        if (chroot("/tmp/below") == 0 && fchdir(above) == 0) {
            for (int level = 0; level < 60; level++) (void)!chdir("..");
            (void)!chroot(".");
        }
        _exit(canary_below(AT_FDCWD) ? 1 : 0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    found("chroot and up", status ? "the canary" : NULL);
}

static void handles(void) {
    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } place = {.handle.handle_bytes = MAX_HANDLE_SZ};
    int mount;
    // Which handle does not matter: inode 2 is the root of many file systems.
    if (name_to_handle_at(AT_FDCWD, "/", &place.handle, &mount, 0) < 0) {
        place.handle.handle_bytes = 8;
        place.handle.handle_type = 1;
        memcpy(place.handle.f_handle, "\2\0\0\0\0\0\0\0", 8);
    }
    int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    result("open_by_handle_at", open_by_handle_at(root, &place.handle, O_RDONLY));
}

// --- Devices

/// Reads from a device. An empty file is none: with one id a builder only notes what shall be a device in the image.
static void read_device(const char *name, const char *path, int flags) {
    char sector[512];
    int device = open(path, flags | O_CLOEXEC);
    ssize_t count = device < 0 ? -1 : read(device, sector, sizeof sector);
    outcome(name, count < 0 ? errno : count == 0 ? ENODATA : 0);
}

static void disk_in(const char *label, const char *directory) {
    char path[PATH_MAX], name[128];
    snprintf(path, sizeof path, "%s/escape-disk", directory);
    snprintf(name, sizeof name, "disk in %s", label);
    if (mknod(path, S_IFBLK | 0666, makedev(major_number, minor_number)) < 0) {
        outcome(name, errno);
        return;
    }
    read_device(name, path, O_RDONLY);
    unlink(path);
}

static void memory_device(void) {
    const char *path = "/tmp/escape-mem";
    if (mknod(path, S_IFCHR | 0666, makedev(1, 1)) < 0) {
        outcome("/dev/mem", errno);
        return;
    }
    read_device("/dev/mem", path, O_RDWR);
    unlink(path);
}

static void disks(void) {
    disk_in("the root", "/");
    disk_in("/dev", "/dev");
    disk_in("/dev/shm", "/dev/shm");
    disk_in("a cache mount", "/cache");
    disk_in("a tmpfs mount", "/memory");
    disk_in("a bind mount", "/bound");
    memory_device();
}

static void terminal(void) {
    char letter = '\n';
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    result("controlling terminal", tty);
    for (int i = 0; i < 3; i++)
        if (ioctl(i, TIOCSTI, &letter) == 0) found("TIOCSTI", "a letter typed");
    outcome("TIOCSTI", ioctl(0, TIOCSTI, &letter) < 0 ? errno : 0);
}

// --- Mounts and namespaces

static void mounts(void) {
    mkdir("/tmp/m", 0755);
    result("mount of a tmpfs", mount("x", "/tmp/m", "tmpfs", 0, NULL));
    result("mount of /proc anew", mount("proc", "/tmp/m", "proc", 0, NULL));
    result("mount of control groups", mount("cgroup", "/tmp/m", "cgroup", 0, "memory"));
    result("mount of the disk", mount("/tmp/escape-disk", "/tmp/m", "ext4", 0, NULL));
    result("bind mount", mount("/", "/tmp/m", NULL, MS_BIND | MS_REC, NULL));
    result("remount of /proc/sys", mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL));
    result("remount of the root", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL));
    result("shared propagation", mount(NULL, "/", NULL, MS_SHARED, NULL));
    result("unmount of /proc/sys", umount2("/proc/sys", MNT_DETACH));
    result("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
    result("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE));
    result("move_mount", syscall(SYS_move_mount, AT_FDCWD, "/proc", AT_FDCWD, "/tmp/m", 0));
    struct mount_attr attributes = {.attr_clr = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV};
    result("mount_setattr", syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &attributes, sizeof attributes));
    result("pivot_root", syscall(SYS_pivot_root, "/", "/tmp"));
}

static void in_child(const char *name, int (*attempt)(void)) {
    int pid = fork();
    if (pid == 0) _exit(attempt() < 0 ? errno : 0);
    int status = 0;
    waitpid(pid, &status, 0);
    outcome(name, WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD);
}

static int new_user(void) { return unshare(CLONE_NEWUSER | CLONE_NEWNS); }
static int new_mounts(void) { return unshare(CLONE_NEWNS); }
static int new_network(void) { return unshare(CLONE_NEWNET); }
static int cloned(void) { return (int)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); }
static int cloned_three(void) {
    struct clone_args arguments = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    return (int)syscall(SYS_clone3, &arguments, sizeof arguments);
}
static int entered(void) { return setns(open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC), 0); }
static int entered_user(void) { return setns(open("/proc/1/ns/user", O_RDONLY | O_CLOEXEC), 0); }

#if defined(__x86_64__)
/// The numbers of the 32-bit calls pass another table of the filter.
static int compatible_mount(void) {
    int code;
    char *text = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (text == MAP_FAILED) return -1;
    strcpy(text, "tmpfs");
    strcpy(text + 64, "/tmp/m");
    __asm__ volatile("int $0x80"
                     : "=a"(code)
                     : "a"(21), "b"(text), "c"(text + 64), "d"(text), "S"(0), "D"(0)
                     : "memory", "r8", "r9", "r10", "r11");
    errno = -code;
    return code < 0 ? -1 : 0;
}
static int x32_mount(void) { return (int)syscall(0x40000000 | SYS_mount, "x", "/tmp/m", "tmpfs", 0, NULL); }
#endif

static void namespaces(void) {
    in_child("unshare of users", new_user);
    in_child("unshare of mounts", new_mounts);
    in_child("unshare of the network", new_network);
    in_child("clone of users", cloned);
    in_child("clone3 of users", cloned_three);
    in_child("setns to mounts", entered);
    in_child("setns to users", entered_user);
#if defined(__x86_64__)
    in_child("mount as a 32-bit call", compatible_mount);
    in_child("mount as an x32 call", x32_mount);
#endif
}

// --- Other processes

/// Processes that are neither this one nor the step's first: whether they can be reached, or be seen at least.
static void processes(void) {
    static char text[64];
    const char *what = NULL;
    int seen = 0;
    for (int pid = 2; pid < 70000; pid++) {
        if (pid == getpid()) continue;
        char byte;
        struct iovec here = {&byte, 1}, there = {(void *)main, 1};
        const char *act = kill(pid, 0) == 0 ? "signalled" : NULL;
        if (errno != ESRCH || syscall(SYS_pidfd_open, pid, 0) >= 0) seen = 1;
        if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0) act = "traced";
        if (process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0) act = "read";
        if (!act) continue;
        snprintf(text, sizeof text, "process %d is %s", pid, act);
        what = text;
    }
    if (seen && !what)
        printf("processes of others: seen\n");
    else
        found("processes of others", what);
    result("pidfd_getfd", syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, getpid(), 0), 0, 0));
    // Everybody: all but the sender and the first process of the step.
    (void)kill(-1, SIGKILL);
}

/// Every environment and command line that can be read.
static void environments(void) {
    static char text[1 << 20];
    const char *what = NULL;
    for (int pid = 1; pid < 300; pid++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/environ", pid);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t length = file < 0 ? 0 : read(file, text, sizeof text);
        if (length > 0 && memmem(text, (size_t)length, "CANARY", 6)) what = "the builder's environment";
        if (file >= 0) close(file);
    }
    found("the builder's environment", what);
}

// --- Parts of the kernel

static void write_to(const char *path) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    char name[PATH_MAX + 16];
    struct statfs system;
    snprintf(name, sizeof name, "write to %s", path);
    // Without mounts there are copies of some of them, with which the step may do as it likes.
    if (file >= 0 && fstatfs(file, &system) == 0 && system.f_type != PROC_SUPER_MAGIC && system.f_type != SYSFS_MAGIC &&
        system.f_type != CGROUP_SUPER_MAGIC && system.f_type != CGROUP2_SUPER_MAGIC)
        printf("%s: copy\n", name);
    else
        result(name, file < 0 ? -1 : write(file, "", 0));
    if (file >= 0) close(file);
}

static void settings(void) {
    const char *paths[] = {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname",
                           "/proc/sys/vm/overcommit_memory", "/proc/sys/fs/binfmt_misc/register", "/proc/sysrq-trigger",
                           "/sys/kernel/uevent_helper", "/sys/kernel/mm/transparent_hugepage/enabled",
                           "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory/release_agent",
                           "/sys/fs/cgroup/unified/cgroup.procs", NULL};
    for (const char **path = paths; *path; path++) write_to(*path);
    result("new control group", mkdir("/sys/fs/cgroup/escape", 0755));
    result("new control group of memory", mkdir("/sys/fs/cgroup/memory/escape", 0755));
    found("/proc/kcore", open("/proc/kcore", O_RDONLY) >= 0 && lseek(open("/proc/kcore", O_RDONLY), 0, SEEK_END) > 0
                             ? "the kernel's memory" : NULL);
}

static void kernel(void) {
    struct io_uring_params ring = {0};
    long zero[2] = {0, 0};
    union bpf_attr program = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof event};
    result("keyctl", syscall(SYS_keyctl, 0, -3, 0));
    result("add_key", syscall(SYS_add_key, "user", "escape", "x", 1, -3));
    result("request_key", syscall(SYS_request_key, "user", "escape", NULL, -3));
    result("bpf", syscall(SYS_bpf, BPF_MAP_CREATE, &program, sizeof program));
    result("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC));
    result("io_uring_setup", syscall(SYS_io_uring_setup, 4, &ring));
    result("perf_event_open", syscall(SYS_perf_event_open, &event, 0, -1, -1, 0));
    result("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0));
    result("init_module", syscall(SYS_init_module, "", 0, ""));
    result("fanotify_init", syscall(SYS_fanotify_init, 0, O_RDONLY));
    result("syslog", syscall(SYS_syslog, 3, NULL, 0));
    result("swapon", syscall(SYS_swapon, "/tmp/escape-disk", 0));
    result("quotactl", syscall(SYS_quotactl, 0x800001, NULL, 0, NULL));
    result("settimeofday", syscall(SYS_settimeofday, &zero, NULL));
    result("sethostname", sethostname("escape", 6));
    result("reboot", syscall(SYS_reboot, 0xfee1dead, 672274793, 0, NULL));
    result("socket of AF_ALG", socket(AF_ALG, SOCK_SEQPACKET, 0));
    result("socket of AF_VSOCK", socket(AF_VSOCK, SOCK_STREAM, 0));
#ifdef SYS_iopl
    result("iopl", syscall(SYS_iopl, 3));
#endif
}

/// Every abstract socket of the network namespace that can be connected to.
static void abstract_sockets(void) {
    FILE *list = fopen("/proc/net/unix", "re");
    char line[512];
    static char what[256];
    int refusal = 0;
    while (list && fgets(line, sizeof line, list)) {
        char *at = strstr(line, "@swbuild-escape");
        if (!at) continue;
        at[strcspn(at, "\n")] = 0;
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        size_t length = strlen(at);
        memcpy(address.sun_path + 1, at + 1, length - 1);
        int client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
        if (connect(client, (struct sockaddr *)&address, size) == 0) snprintf(what, sizeof what, "connected to %s", at);
        else if (errno != ECONNREFUSED) refusal = errno;
        close(client);
    }
    if (list) fclose(list);
    if (what[0] || !refusal) found("abstract sockets", what[0] ? what : NULL);
    else outcome("abstract sockets", refusal);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    major_number = (unsigned)atoi(argv[1]);
    minor_number = (unsigned)atoi(argv[2]);
    canaries = argv + 3;
    host_paths();
    process_roots();
    descriptors();
    leave_root();
    handles();
    disks();
    terminal();
    mounts();
    namespaces();
    processes();
    environments();
    settings();
    kernel();
    abstract_sockets();
    return 0;
}
